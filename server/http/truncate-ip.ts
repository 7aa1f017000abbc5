/** IPv4 /24, IPv6 /48: enough to see a pattern, not a person. */
export function truncateIp(ip: string | null | undefined): string | null {
  if (!ip) return null
  const v4 = /(\d+\.\d+\.\d+)\.\d+$/.exec(ip)
  return v4 ? `${v4[1]}.0/24` : `${ip.split(':').slice(0, 3).join(':')}::/48`
}
