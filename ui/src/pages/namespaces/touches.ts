/** Whether what is bound to one namespace can hold something of another: itself, above, or below. */

export function touches(bound: string, namespace: string): boolean {
  if (bound === "") return true; // flows say their namespace themselves: any one may come
  return `${namespace}.`.startsWith(`${bound}.`) || `${bound}.`.startsWith(`${namespace}.`);
}
