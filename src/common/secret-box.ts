import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** Stands for a stored secret in answers; sent back, it keeps what is stored. */
export const HIDDEN = '[hidden]';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts what is stored and must be read back: AES-256-GCM, as `v1:` + base64(iv ‖ tag ‖ ciphertext). */
export class SecretBox {
  private readonly key: Buffer;

  /** @param secret any long random text; hashed to the key */
  constructor(secret: string) {
    this.key = createHash('sha256').update(secret).digest();
  }

  seal(value: unknown): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.key, iv);
    const sealed = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
    return `v1:${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64')}`;
  }

  /** @throws Error when the text was sealed with another secret or altered */
  open<T>(text: string): T {
    const bytes = Buffer.from(text.slice('v1:'.length), 'base64');
    const decipher = createDecipheriv(ALGORITHM, this.key, bytes.subarray(0, IV_BYTES));
    decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const opened = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    return JSON.parse(opened.toString('utf8')) as T;
  }
}
