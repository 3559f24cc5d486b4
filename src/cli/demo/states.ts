import { join } from 'node:path'
import type { DevState } from '../../node/dev-state.ts'

const from = '2024-02-08T00:00:00Z'

/** Belarus and Uzbekistan on one machine; ports are the numeric codes of ISO 3166-1. */
export function demoStates(
  folder: string,
  ports = { BY: 8112, UZ: 8860 },
): { BY: DevState; UZ: DevState } {
  const place = (state: 'BY' | 'UZ') => ({
    state,
    port: ports[state],
    keys: join(folder, 'keys', 'dev', state),
    data: join(folder, 'data', state),
  })
  return {
    BY: {
      ...place('BY'),
      organization: 'Chamber of Commerce and Industry (sample)',
      bodies: [
        {
          id: 'BY.CCI.001',
          code: '001',
          name: 'УП «Минское отделение образцовой палаты» (вымышленное)',
          custody: 'node',
          scopes: [{ types: ['origin.ct1'], to: ['UZ'], from }],
        },
        {
          id: 'BY.TESTCERT',
          code: '999',
          authorityId: 'BY/112 999.01',
          name: 'Орган по сертификации «Образец-Серт» (вымышленный)',
          custody: 'node',
          scopes: [{ types: ['conformity.eaeu'], from }],
        },
      ],
      peers: [{ state: 'UZ', port: ports.UZ }],
    },
    UZ: {
      ...place('UZ'),
      organization: 'Uzbekexpertiza (sample)',
      bodies: [
        {
          id: 'UZ.EXPERTIZA.001',
          code: '001',
          name: 'АО «Namuna-Ekspertiza» (вымышленное)',
          custody: 'node',
          scopes: [{ types: ['origin.ct1'], to: ['BY'], from }],
        },
        {
          id: 'UZ.SINOV',
          code: '999',
          authorityId: 'UZ.TEST.999',
          name: 'Sinov markazi «Misol» (вымышленный)',
          custody: 'node',
          scopes: [{ types: ['conformity.uz'], from }],
        },
      ],
      peers: [{ state: 'BY', port: ports.BY }],
    },
  }
}
