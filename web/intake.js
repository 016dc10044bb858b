// One way in for every file: chosen, photographed, dropped anywhere or pasted, it goes where it belongs.

const element = (id) => document.getElementById(id);

/** The files of a drop or a paste, and the names of folders among them, which no browser hands over. */
function listFiles(transfer) {
  const entries = [...(transfer?.items ?? [])].filter(({ kind }) => kind === "file").map((item) => [item.getAsFile(), item.webkitGetAsEntry?.()]);
  const isFolder = ([, entry]) => entry?.isDirectory;
  return { files: entries.filter((entry) => entry[0] && !isFolder(entry)).map(([file]) => file), folders: entries.filter(isFolder).map(([, { name }]) => name) };
}

/**
 * Wire every way in. `take(files, folders)` gets what belongs wherever it belongs, `upload(files, folders)` what was dropped on the uploads' own
 * place, which makes a job of anything.
 */
export function wireIntake({ take, upload }) {
  for (const id of ["file", "camera"]) {
    element(id).addEventListener("change", (event) => {
      const files = [...event.target.files];
      event.target.value = ""; // so that the same file can be chosen again
      take(files, []);
    });
  }
  addEventListener("paste", (event) => {
    const { files, folders } = listFiles(event.clipboardData);
    if (files.length + folders.length) take(files, folders);
  });
  wireDrops(take, upload);
}

function wireDrops(take, upload) {
  const zone = element("drop");
  const show = (event) => {
    const onZone = event !== null && zone.contains(event.target);
    document.body.classList.toggle("dropping", event !== null && !onZone);
    zone.classList.toggle("dropping", onZone);
  };
  addEventListener("dragover", (event) => {
    event.preventDefault(); // or the browser would open the file in place of the page
    show(event);
  });
  addEventListener("dragleave", (event) => event.relatedTarget === null && show(null));
  addEventListener("drop", (event) => {
    event.preventDefault();
    show(null);
    const { files, folders } = listFiles(event.dataTransfer);
    (zone.contains(event.target) ? upload : take)(files, folders);
  });
}
