const MAX_LENGTH = 100;

/** A slug made of a name: `Müller’s Web Shop` becomes `muller-s-web-shop`. Empty when nothing of it can be kept. */
export function slugOf(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const words = plain.split(/[^\p{L}\p{N}_.]+/u).filter((word) => word !== '');
  const slug = words.join('-').slice(0, MAX_LENGTH);
  return /^\d+$/.test(slug) ? `project-${slug}` : slug;
}
