// A page that is opened from disk may start no worker, and the search is one. Here a hidden frame stands for it.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = Object.assign(document.createElement("iframe"), { hidden: true });
      document.body.append(frame);
      this.frame = frame.contentWindow;
      this.ready = new Promise((resolve) => (this.frame.start = resolve));
      addEventListener("message", (event) => {
        if (event.source !== this.frame) return;
        const copy = new MessageEvent("message", { data: event.data });
        this.dispatchEvent(copy);
        this.onmessage?.(copy);
      });
      const scripts = `
        postMessage = (data) => parent.dispatchEvent(new MessageEvent("message", { data, source: window }));
        importScripts = (...urls) => Promise.all(urls.map((url) => new Promise((resolve, reject) => {
          const script = Object.assign(document.createElement("script"), { src: new URL(url, ${JSON.stringify(String(url))}), onload: resolve, onerror: reject });
          document.body.append(script);
        })));`;
      this.frame.document.open();
      this.frame.document.write(`<body><script>${scripts}</${"script"}><script src="${url}" onload="start()"></${"script"}></body>`);
      this.frame.document.close();
      this.ready = this.ready.then(() => undefined);
    }

    postMessage(data) {
      this.ready.then(() => this.frame.dispatchEvent(new MessageEvent("message", { data })));
    }

    terminate() {
      this.frame.frameElement.remove();
    }
  };
}
