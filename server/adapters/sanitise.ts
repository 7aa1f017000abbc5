import sanitizeHtml from 'sanitize-html'

/** HTML that a person wrote or pasted, without anything that runs, loads or leads elsewhere than https. */

const text = ['class', 'style', 'dir', 'lang', 'align']
const box = [...text, 'width', 'height', 'bgcolor', 'valign']

/** Sizes, colours and distances: nothing that positions, loads or hides. */
const size = [/^-?[\d.]{1,8}(px|em|rem|%|pt)?$/, /^auto$/, /^normal$/]
const sizes = [/^(-?[\d.]{1,8}(px|em|rem|%|pt)?|auto)( (-?[\d.]{1,8}(px|em|rem|%|pt)?|auto)){0,3}$/]
const colour = [/^#[0-9a-f]{3,8}$/i, /^rgba?\([\d.,% ]{1,40}\)$/i, /^[a-z]{3,25}$/i]
const words = [/^[a-z0-9 ,'"-]{1,200}$/i]

const styles = {
  color: colour,
  'background-color': colour,
  'font-family': words,
  'font-size': size,
  'font-style': words,
  'font-weight': words,
  'letter-spacing': size,
  'line-height': size,
  'text-align': words,
  'text-decoration': words,
  'text-transform': words,
  'vertical-align': words,
  width: size,
  'max-width': size,
  height: size,
  padding: sizes,
  'padding-top': size,
  'padding-right': size,
  'padding-bottom': size,
  'padding-left': size,
  margin: sizes,
  'margin-top': size,
  'margin-right': size,
  'margin-bottom': size,
  'margin-left': size,
  border: [/^[\d.]{1,6}(px)? (solid|dashed|dotted) [#a-z0-9]{3,20}$/i, /^(0|none)$/],
  'border-radius': sizes,
  'border-collapse': words,
  display: [/^(block|inline|inline-block|table|table-cell)$/],
}

const tags = [
  ...[
    'a',
    'b',
    'blockquote',
    'br',
    'center',
    'code',
    'div',
    'em',
    'h1',
    'h2',
    'h3',
    'h4',
    'hr',
    'i',
    'img',
    'li',
  ],
  ...['ol', 'p', 'pre', 's', 'small', 'span', 'strong', 'sub', 'sup', 'table', 'tbody', 'td', 'tfoot', 'th'],
  ...['thead', 'tr', 'u', 'ul'],
]

/** @param linkTo where a link leads in this email; null: the words stay and the link goes. */
export function sanitise(html: string, linkTo: (address: string) => string | null): string {
  return sanitizeHtml(html, {
    allowedTags: tags,
    allowedAttributes: {
      '*': text,
      a: [...text, 'href', 'title'],
      img: [...text, 'src', 'alt', 'width', 'height'],
      table: [...box, 'role', 'cellpadding', 'cellspacing', 'border'],
      td: [...box, 'colspan', 'rowspan'],
      th: [...box, 'colspan', 'rowspan', 'scope'],
      tr: box,
    },
    allowedClasses: { '*': false },
    allowedStyles: { '*': styles },
    // A tracked link may lead to our own server without encryption; `linkTo` refuses every other such address.
    allowedSchemes: ['https'],
    allowedSchemesByTag: { a: ['https', 'http'] },
    allowProtocolRelative: false,
    allowVulnerableTags: false,
    nestingLimit: 60,
    transformTags: {
      a: (tagName, { href, ...attributes }) => {
        const target = href === undefined ? null : linkTo(href)
        return { tagName, attribs: target === null ? attributes : { ...attributes, href: target } }
      },
      table: (tagName, attributes) => ({ tagName, attribs: { role: 'presentation', ...attributes } }),
    },
  })
}
