import { readRoundTrips } from './ping-program.js';

describe('readRoundTrips', () => {
  it.each([
    [
      'iputils',
      `PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.
64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=0.193 ms
64 bytes from 192.0.2.1: icmp_seq=3 ttl=64 time=12 ms

--- 192.0.2.1 ping statistics ---
3 packets transmitted, 2 received, 33.3333% packet loss, time 407ms
rtt min/avg/max/mdev = 0.193/6.096/12.000/0.068 ms`,
      [0.193, 12],
    ],
    [
      'BusyBox',
      `PING 192.0.2.1 (192.0.2.1): 56 data bytes
64 bytes from 192.0.2.1: seq=0 ttl=42 time=0.083 ms

--- 192.0.2.1 ping statistics ---
1 packets transmitted, 1 packets received, 0% packet loss
round-trip min/avg/max = 0.083/0.083/0.083 ms`,
      [0.083],
    ],
    [
      'macOS',
      `PING 192.0.2.1 (192.0.2.1): 56 data bytes
64 bytes from 192.0.2.1: icmp_seq=0 ttl=64 time=0.045 ms
Request timeout for icmp_seq 1`,
      [0.045],
    ],
    [
      'a reply that came twice',
      `64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=1.5 ms
64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=1.6 ms (DUP!)`,
      [1.5],
    ],
    ['a router that answers instead', 'From 192.0.2.254 icmp_seq=1 Destination Host Unreachable', []],
    ['nothing', '', []],
  ])('of %s', (_, output, times) => {
    expect(readRoundTrips(output)).toEqual(times);
  });
});
