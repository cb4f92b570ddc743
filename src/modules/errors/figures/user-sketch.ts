import { createHash } from 'node:crypto';

/** 2,048 registers: a standard error of 1.04 / √2048 = 2.3 %. */
const INDEX_BITS = 11;
const REGISTERS = 1 << INDEX_BITS;
const RANK_BITS = 32 - INDEX_BITS;
/** Up to here the hashes themselves are kept, which counts exactly but for one collision in some ten thousand sets. */
const MAX_HASHES = 256;
const SPARSE = 0;
const DENSE = 1;
const ALPHA_INFINITY = 1 / (2 * Math.LN2);

/**
 * How many distinct users there were, in 2 kB however many: HyperLogLog (Flajolet, Fusy, Gandouet, Meunier 2007) with a
 * sparse form for few, as in HyperLogLog++ (Heule, Nunkesser, Hall 2013), and the estimator of Ertl (“New cardinality
 * estimation algorithms for HyperLogLog sketches”, 2017, algorithm 6), which needs no table of corrections.
 * Hashes have 32 bits, which is good for some hundred million users.
 */
export class UserSketch {
  private hashes: Set<number> | undefined = new Set();
  private registers: Uint8Array | undefined;

  static from(bytes: Buffer | null): UserSketch {
    const sketch = new UserSketch();
    if (bytes) sketch.read(bytes);
    return sketch;
  }

  add(user: string): void {
    this.addHash(createHash('sha1').update(user).digest().readUInt32LE(0));
  }

  merge(other: UserSketch): void {
    if (other.hashes) for (const hash of other.hashes) this.addHash(hash);
    if (!other.registers) return;
    const registers = this.dense();
    other.registers.forEach((rank, index) => {
      if (rank > registers[index]!) registers[index] = rank;
    });
  }

  estimate(): number {
    return this.hashes ? this.hashes.size : Math.round(ertl(this.dense()));
  }

  /** The form that {@link from} reads. */
  toBuffer(): Buffer {
    if (!this.hashes) return Buffer.concat([Buffer.of(DENSE), this.dense()]);
    const bytes = Buffer.alloc(1 + 4 * this.hashes.size, SPARSE);
    [...this.hashes].forEach((hash, index) => bytes.writeUInt32LE(hash, 1 + 4 * index));
    return bytes;
  }

  private read(bytes: Buffer): void {
    if (bytes[0] === DENSE) {
      this.hashes = undefined;
      this.registers = Uint8Array.from(bytes.subarray(1));
      return;
    }
    for (let at = 1; at < bytes.length; at += 4) this.addHash(bytes.readUInt32LE(at));
  }

  private addHash(hash: number): void {
    if (!this.hashes) return this.register(hash);
    this.hashes.add(hash);
    if (this.hashes.size > MAX_HASHES) this.dense();
  }

  private dense(): Uint8Array {
    this.registers ??= new Uint8Array(REGISTERS);
    const { hashes } = this;
    this.hashes = undefined;
    for (const hash of hashes ?? []) this.register(hash);
    return this.registers;
  }

  private register(hash: number): void {
    const index = hash >>> RANK_BITS;
    const rank = Math.min(Math.clz32(hash << INDEX_BITS), RANK_BITS) + 1;
    if (rank > this.registers![index]!) this.registers![index] = rank;
  }
}

function ertl(registers: Uint8Array): number {
  const counts = Array.from({ length: RANK_BITS + 2 }, () => 0);
  for (const rank of registers) counts[rank]!++;
  let sum = REGISTERS * tau(1 - counts[RANK_BITS + 1]! / REGISTERS);
  for (let rank = RANK_BITS; rank >= 1; rank--) sum = 0.5 * (sum + counts[rank]!);
  sum += REGISTERS * sigma(counts[0]! / REGISTERS);
  return (ALPHA_INFINITY * REGISTERS * REGISTERS) / sum;
}

/** x + Σ x^(2^k) · 2^(k−1): the share of registers that nobody has hit. */
function sigma(share: number): number {
  if (share === 1) return Infinity;
  let [power, weight, sum, before] = [share, 1, share, -1];
  while (sum !== before) {
    before = sum;
    power *= power;
    sum += power * weight;
    weight *= 2;
  }
  return sum;
}

/** ⅓ (1 − x − Σ (1 − x^(2^−k))² · 2^−k): the share of registers that are full. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let [root, weight, sum, before] = [share, 1, 1 - share, -1];
  while (sum !== before) {
    before = sum;
    root = Math.sqrt(root);
    weight *= 0.5;
    sum -= (1 - root) ** 2 * weight;
  }
  return sum / 3;
}
