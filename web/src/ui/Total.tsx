/** How many there are; "at least" where nobody counted to the end. Its place is kept while that is not known yet. */
export function Total({
  list,
  label,
}: {
  list: { total: number | null; atLeast: number | null; isPending: boolean };
  label: (values: { count: number; more: "yes" | "no" }) => string;
}) {
  const count = list.total ?? list.atLeast;
  if (count === null) return <span aria-hidden="true">{"\u00a0"}</span>;
  return <span role="status">{label({ count, more: list.total === null ? "yes" : "no" })}</span>;
}
