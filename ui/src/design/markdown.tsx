/** Markdown without raw HTML, and with links that are http(s) or relative only (S22). */

import DOMPurify from "dompurify";
import MarkdownIt from "markdown-it";
import { useMemo } from "react";

const reader = new MarkdownIt({ html: false, linkify: true });
const SAFE_LINK = /^(?:https?:|\/|\.|#)/i;
reader.validateLink = (url) => SAFE_LINK.test(url.trim());

export function Markdown({ text }: { text: string }) {
  const html = useMemo(() => DOMPurify.sanitize(reader.render(text)), [text]);
  // biome-ignore lint/security/noDangerouslySetInnerHtml: rendered without raw HTML, then purified
  return <div className="markdown" dangerouslySetInnerHTML={{ __html: html }} />;
}
