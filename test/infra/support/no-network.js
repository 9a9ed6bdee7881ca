// Preloaded into a process and all those it starts: writes down every connection that is tried, and refuses it.
import { appendFileSync } from 'node:fs';
import dns from 'node:dns';
import net from 'node:net';

/** @param {string} what */
const refuse = (what) => {
  appendFileSync(process.env['NETWORK_LOG'] ?? '', `${what}\n`);
  throw new Error(`${what}: the network is not available here`);
};

net.Socket.prototype.connect = () => refuse('connect');
dns.lookup = Object.assign(() => refuse('lookup'), { __promisify__: () => refuse('lookup') });
