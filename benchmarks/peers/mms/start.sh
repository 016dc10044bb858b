#!/bin/bash
# Start multi-model-server as sagemaker-inference starts it: the same properties file, keys and flags. $1 port, $2 workers, $3 scratch folder, $4 environment.
set -e
here=$(cd "$(dirname "$0")" && pwd)
scratch=$3
mkdir -p "$scratch/logs" "$scratch/base/model/code"
cp "$here/inference.py" "$scratch/base/model/code/"
package=$("$4/bin/python" -c 'import importlib.util as u; print(u.find_spec("sagemaker_inference").submodule_search_locations[0])')
cp "$package/etc/default-mms.properties" "$scratch/mms.properties"
cat >> "$scratch/mms.properties" <<X

default_response_timeout=60
default_workers_per_model=$2
inference_address=http://127.0.0.1:$1
management_address=http://127.0.0.1:$1
vmargs=-XX:-UseContainerSupport
default_service_handler=sagemaker_inference.default_handler_service
X
export TMPDIR=$scratch LOG_LOCATION=$scratch/logs METRICS_LOCATION=$scratch/logs SAGEMAKER_BASE_DIR=$scratch/base SAGEMAKER_BIND_TO_PORT=$1
export PATH=$4/bin:$PATH PYTHONPATH=$scratch/base/model/code:$PYTHONPATH
cd "$scratch"
exec multi-model-server --start --foreground --model-store / --mms-config "$scratch/mms.properties" --log-config "$package/etc/log4j2.xml" \
    --models "model=$scratch/base/model"
