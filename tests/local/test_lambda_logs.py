"""What a function wrote is in the log of its invocation, on the busiest machine: ministack's own worker, whose lines are read late."""

import subprocess

from deployment.paths import EMULATOR_PYTHON, ROOT

PROGRAM = """
import io, time, zipfile
from ministack.core.lambda_runtime import Worker
from emulator.ministack.functions.logs import end_logs_with_invocations

CODE = '''
def handler(event, context):
    print("one")
    print("two")
    if event == "fail":
        raise ValueError("as asked")
'''

class BusyWorker(Worker):
    def _read_stderr(self):
        for line in self._proc.stderr:
            time.sleep(0.1)  # ministack waits 0.05 s
            self._stderr_queue.put(line.rstrip())

archive = io.BytesIO()
with zipfile.ZipFile(archive, "w") as file:
    file.writestr("index.py", CODE)
arn = "arn:aws:lambda:us-east-1:000000000000:function:late"
config = {"FunctionName": "late", "FunctionArn": arn, "Handler": "index.handler", "Runtime": "python3.13", "Timeout": 10}
end_logs_with_invocations()
for event in ("succeed", "fail"):
    worker = BusyWorker("late", config, archive.getvalue())
    print(event, worker.invoke(event, "r-1")["log"].split())
    worker.kill()
"""


def test_holds_the_lines_that_are_read_after_the_response() -> None:
    done = subprocess.run(
        [EMULATOR_PYTHON, "-c", PROGRAM], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines() == ["succeed ['one', 'two']", "fail ['one', 'two']"]
