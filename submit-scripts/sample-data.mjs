// Lays out the embedded sample dataset as an image folder; called by sample-data.sh, which says more.
//
// Classes are the subcategories of Unicode's emoji list. Tiny ones are merged with a neighbour or left out,
// and large mixed ones are split by what the pictures show (country flags: by continent, UN M49).
// An emoji, with its skin tones, genders and directions in both vendors' drawings, is in one split only.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const CLASSES = 100;
const CAPS = { train: 60, val: 15 };
const COLORS = 128;
const SIZE = 64;
const BYTE_BUDGET = 7_000_000;
const VENDORS = { noto: 'google', twemoji: 'twitter' };

const LEFT_OUT = new Set(['skin-tone', 'gender', 'hotel']);
const MERGED = {
  'animal-amphibian': 'animal-reptile',
  'currency': 'money',
  'face-glasses': 'face-hat-glasses',
  'face-hat': 'face-hat-glasses',
  'hand-prop': 'hands',
  'monkey-face': 'animal-face',
  'person-resting': 'person-activity',
  'subdivision-flag': 'flag-europe',
};
const SPLITS = [
  ['alphanum', /KATAKANA|IDEOGRAPH/, 'alphanum-japanese'],
  ['animal-mammal', / FACE$/, 'animal-face'],
  ['clothing', /SHOE|SANDAL|BOOT|SOCKS/, 'footwear'],
  ['geometric', /CIRCLE|RADIO/, 'geometric-circle'],
  ['person-symbol', /FAMILY/, 'family'],
  ['sky & weather', /MOON|^SUN WITH|BLACK SUN|STAR|COMET|PLANET|MILKY/, 'sky'],
  ['sky & weather', /./, 'weather'],
  ['time', /^CLOCK FACE/, 'clock-face'],
  ['transport-ground', /TRAIN|TRAM|RAIL|LOCOMOTIVE|METRO|STATION/, 'transport-rail'],
];
// Territories that fly another country's flag (BV, CP, DG, EA, HM, MF, SJ, UM), and AQ, IC, UN, are left out.
const CONTINENTS = {
  'flag-africa': `AC AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW IO KE KM LR LS LY MA
    MG ML MR MU MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TA TD TF TG TN TZ UG YT ZA ZM ZW`,
  'flag-americas': `AG AI AR AW BB BL BM BO BQ BR BS BZ CA CL CO CR CU CW DM DO EC FK GD GF GL GP GS GT GY HN
    HT JM KN KY LC MQ MS MX NI PA PE PM PR PY SR SV SX TC TT US UY VC VE VG VI`,
  'flag-asia': `AE AF AM AZ BD BH BN BT CN CY GE HK ID IL IN IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN MO
    MV MY NP OM PH PK PS QA SA SG SY TH TJ TL TM TR TW UZ VN YE`,
  'flag-europe': `AD AL AT AX BA BE BG BY CH CQ CZ DE DK EE ES EU FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI
    LT LU LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SK SM UA VA XK`,
  'flag-oceania': `AS AU CC CK CX FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV VU WF WS`,
};
const COUNTRIES = Object.fromEntries(Object.entries(CONTINENTS)
  .flatMap(([flagClass, codes]) => codes.split(/\s+/).map(code => [code, flagClass])));

// Gendered emoji that are code points of their own, and the emoji they are variants of.
const VARIANT_OF = {
  '1F478': '1FAC5', '1F934': '1FAC5', '1F57A': '1F483', '1F936': '1F385', '1F9D1-200D-1F384': '1F385',
  '1F930': '1FAC4', '1FAC3': '1FAC4', '1F931': '1F9D1-200D-1F37C', '1F46A': '1F9D1-200D-1F9D1-200D-1F466',
  '1F46B': '1F9D1-200D-1F91D-200D-1F9D1', '1F46C': '1F9D1-200D-1F91D-200D-1F9D1',
  '1F46D': '1F9D1-200D-1F91D-200D-1F9D1', '1F491': '1F9D1-200D-2764-200D-1F9D1',
  '1F48F': '1F9D1-200D-2764-200D-1F48B-200D-1F9D1',
};

const sha256 = data => createHash('sha256').update(data).digest('hex');
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

function classOf({ subcategory, name, unified }) {
  if (LEFT_OUT.has(subcategory)) return undefined;
  if (subcategory === 'country-flag') {
    const letters = unified.split('-').map(hex => String.fromCharCode(parseInt(hex, 16) - 0x1F1E6 + 65));
    return COUNTRIES[letters.join('')];
  }
  const split = SPLITS.find(([from, pattern]) => from === subcategory && pattern.test(name));
  return split?.[2] ?? MERGED[subcategory] ?? subcategory.replace(/[^a-z]+/g, '-');
}

/** The code points of the emoji without gender, direction and presentation: what the split goes by. */
function baseOf({ unified }) {
  const base = unified.replace(/-FE0F/g, '').replace(/-200D-(2640|2642|27A1)/g, '')
    .replace(/1F46[89]/g, '1F9D1').replace(/1F467|1F9D2/g, '1F466').replace(/1F47[45]/g, '1F9D3');
  return VARIANT_OF[base] ?? base;
}

/** All drawings of one emoji in the order they are chosen: plain ones, other genders, skin tones. */
function drawingsOf(base, records, vendorFiles) {
  const drawings = [];
  for (const record of records) {
    const plainRank = record === records[0] ? 0 : 1;
    const variants = [[plainRank, record], ...Object.values(record.skin_variations ?? {}).map(v => [2, v])];
    for (const [rank, { image }] of variants) {
      for (const vendor of Object.keys(VENDORS)) {
        const data = vendorFiles(vendor, image);
        if (data) drawings.push({ base, rank, name: `${vendor}-${image}`, data });
      }
    }
  }
  drawings.sort((a, b) => a.rank - b.rank || compare(sha256(a.name), sha256(b.name)));
  drawings.forEach((drawing, i) => { drawing.turn = i; });
  return drawings;
}

/** Every emoji's first drawing, then every second one, and so on; skin tones after all others. */
function choose(drawings, cap) {
  const order = (a, b) => (a.rank === 2) - (b.rank === 2) || a.turn - b.turn
    || compare(sha256(a.base), sha256(b.base));
  return [...drawings].sort(order).slice(0, cap);
}

const [packages, images] = process.argv.slice(2).map(path => resolve(path));
const UPNG = createRequire(join(packages, 'node_modules', 'index.js'))('upng-js');

/** The same picture with at most COLORS colours: less than half the bytes, no visible difference. */
function reduceColors(png) {
  const [rgba] = UPNG.toRGBA8(UPNG.decode(png));
  return Buffer.from(UPNG.encode([rgba], SIZE, SIZE, COLORS));
}

// The same drawing under two emoji (a flag, say) counts once, so that it can't be in both splits.
const seen = new Set();
function vendorFiles(vendor, image) {
  const folder = VENDORS[vendor];
  const data = readFileSync(join(packages, 'node_modules', `emoji-datasource-${folder}`, 'img', folder,
    String(SIZE), image));
  const hash = sha256(data);
  if (seen.has(hash)) return undefined;
  seen.add(hash);
  return data;
}

const list = join(packages, 'node_modules', 'emoji-datasource-google', 'emoji.json');
const classes = new Map();
for (const record of JSON.parse(readFileSync(list, 'utf8'))) {
  const id = classOf(record);
  if (!id || !record.has_img_google || !record.has_img_twitter) continue;
  const emoji = classes.get(id) ?? classes.set(id, new Map()).get(id);
  const base = baseOf(record);
  emoji.set(base, [...(emoji.get(base) ?? []), record]);
}
if (classes.size !== CLASSES) throw new Error(`${classes.size} classes, not ${CLASSES}`);

const splitOf = new Map();
const counts = { train: {}, val: {} };
let bytes = 0;
rmSync(images, { recursive: true, force: true });
for (const id of [...classes.keys()].sort()) {
  const emoji = [...classes.get(id)].sort(([a], [b]) => compare(sha256(a), sha256(b)));
  const valCount = Math.max(2, Math.round(emoji.length / 5));
  const splits = { train: [], val: [] };
  emoji.forEach(([base, records], i) => {
    if (splitOf.has(base)) throw new Error(`${base} is in ${id} and in another class`);
    splitOf.set(base, i < valCount ? 'val' : 'train');
    records.sort((a, b) => (baseOf(a) !== a.unified) - (baseOf(b) !== b.unified)
      || a.unified.length - b.unified.length || compare(sha256(a.unified), sha256(b.unified)));
    splits[splitOf.get(base)].push(...drawingsOf(base, records, vendorFiles));
  });
  for (const [split, cap] of Object.entries(CAPS)) {
    const folder = join(images, split, id);
    mkdirSync(folder, { recursive: true });
    const chosen = choose(splits[split], cap);
    for (const { name, data } of chosen) {
      const png = reduceColors(data);
      writeFileSync(join(folder, name), png);
      bytes += png.length;
    }
    counts[split][id] = chosen.length;
  }
}
if (bytes > BYTE_BUDGET) throw new Error(`${bytes} bytes of images, more than ${BYTE_BUDGET}`);

console.log(`classes: ${classes.size}, emoji: ${splitOf.size}, bytes: ${bytes}`);
for (const [split, perClass] of Object.entries(counts)) {
  const sorted = Object.entries(perClass).sort((a, b) => a[1] - b[1]);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  const [[smallest, least], [largest, most]] = [sorted[0], sorted[sorted.length - 1]];
  console.log(`${split}: ${total} images, smallest class ${smallest}: ${least}, largest ${largest}: ${most}`);
}
