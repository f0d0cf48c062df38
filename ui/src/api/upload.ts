/** Sends a form and tells how much of it has gone: what `fetch` cannot say. */

import { addressOf, csrfToken, linkWatch, type Query, refusal } from "./client";

type Options = {
  query?: Query;
  /** The part that has been sent, from 0 to 1. */
  onProgress?: (part: number) => void;
};

/** The answer's JSON. Throws ApiError for anything but 2xx. */
export async function upload<T>(path: string, body: FormData, options: Options = {}): Promise<T> {
  const response = await sent(addressOf(path, options.query), body, options.onProgress);
  if (!response.ok) throw await refusal(response, path);
  return (await response.json()) as T;
}

function sent(
  address: string,
  body: FormData,
  onProgress: Options["onProgress"],
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    request.setRequestHeader("X-CSRF-TOKEN", csrfToken());
    request.upload.onprogress = ({ loaded, total, lengthComputable }) => {
      if (lengthComputable) onProgress?.(loaded / total);
    };
    request.onload = () => {
      linkWatch.reached();
      const id = request.getResponseHeader("X-Request-Id");
      const headers = id ? { "X-Request-Id": id } : undefined;
      resolve(new Response(request.responseText, { status: request.status, headers }));
    };
    request.onerror = () => {
      linkWatch.lost();
      reject(new TypeError("the server cannot be reached"));
    };
    request.send(body);
  });
}
