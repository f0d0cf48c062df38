/** How bytes become a file of a namespace. */

import { call } from "../../api/client";

/** Stores bytes at a path; a ZIP is unpacked. */
export function store(namespace: string, path: string, content: Blob, name = "content") {
  const form = new FormData();
  form.append("fileContent", content, name);
  return call("POST", `/namespaces/${namespace}/files`, { query: { path }, body: form });
}
