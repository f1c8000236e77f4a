import { reportRepeated } from '../../recipe/report.ts';
import { addressOf, networkOf } from './rules-addresses.ts';
import { overlap, showNetwork } from './ipv4.ts';
import type { Findings } from './rules.ts';
import type { ClusterInput } from './schema.ts';

/** OSPF runs on uplinks and lo only, every director has an id of its own, and the router can use all paths. */
export function ospfRules({ directors, ospf }: ClusterInput, { report, warn }: Findings): void {
  for (const [index, text] of ospf.vipNetworks.entries()) {
    const network = networkOf(text);
    const path = ['ospf', 'vipNetworks', index];
    if (network.address !== network.base) report(path, `is not a network: write ${showNetwork(network)}`);
    for (const { name, inner, outer } of directors) {
      for (const link of [inner, ...outer]) {
        if (!overlap(network, networkOf(link.address))) continue;
        report(
          path,
          `overlaps with the network of ${name}'s interface ${link.interface}; VIPs need networks of their own`,
        );
      }
    }
  }
  reportRepeated(
    directors.map((director) => director.routerId ?? director.outer[0]?.address.replace(/\/.*/, '') ?? ''),
    (index) => ['directors', index, directors[index]?.routerId === undefined ? 'name' : 'routerId'],
    report,
  );
  for (const [index, { inner, outer }] of directors.entries()) {
    for (const [at, uplink] of outer.entries()) {
      if (!overlap(networkOf(uplink.address), networkOf(inner.address))) continue;
      report(['directors', index, 'outer', at, 'address'], `overlaps with the inner network ${inner.address}`);
    }
  }
  if (ospf.dead <= ospf.hello) report(['ospf', 'dead'], `must be longer than hello (${ospf.hello})`);
  if (ospf.stub && addressOf(ospf.area) === 0) {
    report(['ospf', 'area'], 'the backbone area cannot be a stub: say `stub: false` or take another area');
  }
  const paths = directors.reduce((sum, { outer }) => sum + outer.length, 0);
  if (paths > ospf.equalCostPaths) {
    const message = `the directors have ${paths} uplinks together, the router uses ${ospf.equalCostPaths} equal-cost paths: the others would get no traffic`;
    report(['ospf', 'equalCostPaths'], message);
  }
  if (ospf.authentication === undefined)
    warn('ospf has no authentication: whoever reaches an uplink can announce routes');
}
