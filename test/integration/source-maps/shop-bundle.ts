import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import vm from 'node:vm';
import { build } from 'esbuild';

/** Lines that only the newer release has: everything below them moves, and the minifier gives out other names. */
const MORE = `
const currencies = ['EUR', 'USD', 'JPY'];
export function format(amount: number, currency = currencies[0]) {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).format(amount);
}
export function parse(text: string) {
  return Number(text.replace(/[^0-9.]/g, ''));
}
`;

const sources = (isNewer: boolean): Record<string, string> => ({
  'src/cart.ts': `${isNewer ? MORE : ''}
export interface Item { price: number; count: number }

function computeTotal(items: Item[]) {
  if (items.length === 0) throw new TypeError('The cart is empty');
  return items.reduce((sum, item) => sum + item.price * item.count, 0);
}

export class Cart {
  items: Item[] = [];
  total() {
    return computeTotal(this.items);
  }
}
`,
  'src/checkout.ts': `import { Cart${isNewer ? ', format, parse' : ''} } from './cart';

function chargeCard(cart: Cart) {
  return { amount: cart.total(), shown: ${isNewer ? 'format(parse(String(cart.items.length)))' : 'cart.items.length'} };
}

function sendReceipt(address: string) {
  if (!address) throw new TypeError('The cart is empty');
  return address + chargeCard.length;
}

export function checkout(kind: string) {
  return kind === 'card' ? chargeCard(new Cart()) : sendReceipt('');
}
`,
  'src/main.ts': `import { checkout } from './checkout';
(globalThis as Record<string, unknown>)['startCheckout'] = (kind: string) => checkout(kind) && checkout('card');
`,
});

export const SCRIPT_URL = 'https://shop.example.com/static/app.min.js';

/** A minified shop, made by esbuild in a folder with its source map. */
export class ShopBundle {
  private constructor(
    readonly folder: string,
    private readonly code: string,
    readonly map: string,
  ) {}

  static async make(folder: string, isNewer: boolean): Promise<ShopBundle> {
    for (const [name, text] of Object.entries(sources(isNewer))) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), text);
    }
    const outdir = path.join(folder, 'dist');
    const { outputFiles } = await build({
      absWorkingDir: folder,
      entryPoints: { 'app.min': 'src/main.ts' },
      outdir,
      bundle: true,
      minify: true,
      format: 'iife',
      sourcemap: true,
      write: false,
    });
    await mkdir(outdir);
    for (const { path: file, contents } of outputFiles) await writeFile(file, contents);
    const text = (ending: string) => outputFiles.find(({ path: file }) => file.endsWith(ending))!.text;
    return new ShopBundle(outdir, text('.js'), text('.map'));
  }

  /** The stack of an error of its own, as V8 writes it. */
  stackOf(kind: 'card' | 'receipt'): string {
    const context = vm.createContext({});
    vm.runInContext(this.code, context, { filename: SCRIPT_URL });
    const call = `try { startCheckout('${kind}') } catch (error) { error.stack }`;
    const stack = vm.runInContext(call, context, { filename: 'https://shop.example.com/inline' }) as string;
    // Below stand the calls of the test itself.
    return stack
      .split('\n')
      .filter((line, index) => index === 0 || line.includes('shop.example.com'))
      .join('\n');
  }
}
