import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';

export interface Frame {
  type: string;
  // eslint-disable-next-line typescript/no-explicit-any -- a test reads whatever shape it then asserts
  data: any;
}

/** A socket that keeps every frame it receives. */
export interface Listener {
  frames: Frame[];
  closed: boolean;
  of(type: string): Frame['data'][];
  close(): void;
}

const EVENTS = ['new_error', 'error_updated', 'error_resolved', 'service_status_change', 'incident'];

/** Connects to `/ws`. Rejects with the status when the handshake is refused. */
export async function listenPlain(url: string, token: string, since?: string): Promise<Listener> {
  const query = new URLSearchParams({ token, ...(since && { since }) });
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?${query.toString()}`);
  const listener = makeListener(() => socket.terminate());
  socket.on('message', (data: Buffer) => listener.frames.push(JSON.parse(data.toString()) as Frame));
  socket.on('close', () => (listener.closed = true));
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return listener;
}

/** Connects over Socket.IO. Rejects with its words when the handshake is refused. */
export async function listenSocketIo(url: string, token: string, since?: string): Promise<Listener> {
  const socket: Socket = io(url, { auth: { token, since }, reconnection: false, transports: ['websocket'] });
  const listener = makeListener(() => socket.disconnect());
  for (const event of EVENTS)
    socket.on(event, (data: unknown) => listener.frames.push({ type: event, data }));
  socket.on('disconnect', () => (listener.closed = true));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', (error) => {
      socket.disconnect();
      reject(error);
    });
  });
  return listener;
}

function makeListener(close: () => void): Listener {
  return {
    frames: [],
    closed: false,
    of(type) {
      return this.frames.filter((frame) => frame.type === type).map((frame) => frame.data as unknown);
    },
    close,
  };
}
