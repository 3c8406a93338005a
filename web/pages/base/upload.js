// Sending a large file. fetch tells nothing of how far it is, so these are the requests that go another way.
import { address, Refusal, session } from "./api.js";

/** PUTs `file`; `told` hears how many octets are sent. { done: a promise of the node's answer, stop() }. */
export function upload(path, query, file, told) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.open("PUT", address(path, query));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Sonde-CSRF", session.get()?.csrf_token ?? "");
    request.upload.onprogress = (e) => told(e.loaded);
    request.onabort = () => reject(new Refusal(0, "", "The upload was stopped. Nothing was changed."));
    request.onerror = () => reject(new Refusal(0, "", "The connection broke off while the file was sent. Nothing was changed."));
    request.onload = () => {
      let body = {};
      try {
        body = JSON.parse(request.responseText);
      } catch {
        // not the node's own words
      }
      if (request.status < 300) resolve(body);
      else reject(new Refusal(request.status, body.field ?? "", body.sentence ?? `The node refused (status ${request.status}).`));
    };
    request.send(file);
  });
  return { done, stop: () => request.abort() };
}
