// A scripted API behind fetch, and the storage's XMLHttpRequest: what was asked, and the answers in their order.

export const problem = (status, code, more = {}) => Response.json({ type: `urn:inferstack:problem:${code}`, title: "any", detail: "any", ...more }, { status });

export class FakeApi {
  asked = [];
  replies = [];

  /** Put itself in fetch's place for a test. */
  listen(context) {
    context.mock.method(globalThis, "fetch", async (url, options) => {
      this.asked.push({ url: String(url), ...options });
      const reply = this.replies.shift();
      if (reply instanceof Error) throw reply;
      return reply ?? Response.json({});
    });
    return this;
  }
}

export class FakeRequest {
  upload = {};
  headers = {};
  open = (method, url) => Object.assign(this, { method, url });
  setRequestHeader = (name, value) => (this.headers[name] = value);
  send = (form) => (this.form = form);
  abort = () => (this.aborted = true);
  answer(status, responseText = "") {
    Object.assign(this, { status, responseText });
    this.onload();
  }
}

export const settle = async (times = 10) => {
  for (let i = 0; i < times; i++) await new Promise((resolve) => setImmediate(resolve));
};
