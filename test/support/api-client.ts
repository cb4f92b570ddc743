export interface Answer<T> {
  status: number;
  headers: Headers;
  body: T;
}

/** A caller of the API, with its key. */
export class ApiClient {
  constructor(
    readonly url: string,
    private readonly key?: string,
  ) {}

  withKey(key: string | undefined): ApiClient {
    return new ApiClient(this.url, key);
  }

  get<T = Envelope>(path: string, headers: Record<string, string> = {}): Promise<Answer<T>> {
    return this.send<T>('GET', path, undefined, headers);
  }

  post<T = Envelope>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
    return this.send<T>('POST', path, JSON.stringify(body), headers);
  }

  put<T = Envelope>(path: string, body: unknown = {}): Promise<Answer<T>> {
    return this.send<T>('PUT', path, JSON.stringify(body));
  }

  delete<T = Envelope>(path: string): Promise<Answer<T>> {
    return this.send<T>('DELETE', path);
  }

  /** Sends a body as it is. */
  async send<T = Envelope>(
    method: string,
    path: string,
    body?: string | Buffer,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const response = await fetch(this.url + path, {
      method,
      body,
      redirect: 'manual',
      headers: {
        ...(this.key !== undefined && { 'X-API-Key': this.key }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
    });
    const text = await response.text();
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson ? JSON.parse(text) : text) as T,
    };
  }
}

/* oxlint-disable typescript/no-explicit-any -- a test reads whatever shape it then asserts */

/** The envelope, loosely: tests say what they expect in it. */
export type Envelope = {
  status: string;
  data: any;
  error: string;
  code: string;
  details: any;
  request_id: string;
};
