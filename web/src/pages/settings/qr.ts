export interface Drawing {
  size: number;
  path: string;
}

/**
 * A QR code that the server drew, as a size and a path: nothing else of its SVG gets into the page. Null when it is not
 * of that form.
 */
export function drawingOf(svg: string | null | undefined): Drawing | null {
  if (!svg) return null;
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]);
  const paths = [...svg.matchAll(/<path ([^>]*)>/g)].map(([, attributes = ""]) => attributes);
  const dark = paths.find((attributes) => !attributes.includes("fill="));
  const path = /(?:^|\s)d="([MmhvHVzZ\d\s,.-]+)"/.exec(dark ?? "")?.[1];
  return size > 0 && path ? { size, path } : null;
}
