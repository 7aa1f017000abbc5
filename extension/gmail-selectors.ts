/**
 * What of Gmail’s markup we rely on, most durable first: attributes survived every change of markup since 2014,
 * structure most of them, class names none. Each has its counterpart in the sample pages of test/fixtures/gmail.
 */
export const selectors = {
  /** Route that is on screen. Old routes stay in the document without the role; a pop-out has none at all. */
  route: '[role="main"]',
  /** A person: `email` since 2011, `data-hovercard-id` since about 2016; copies in an email’s text are not persons. */
  person: '[email], [data-hovercard-id*="@"]',
  /** One message of the open thread. */
  message: '[data-message-id], [data-legacy-message-id]',
  /** Where a message names its sender: a heading with a grid cell in it when unfolded, the cell alone when folded. */
  senderCell: 'h3, [role="gridcell"]',
  subject: '[data-legacy-thread-id], [data-thread-perm-id]',
  /** Rows of a list, also the preview pane’s. */
  row: 'tr[role="row"], [role="main"] tr[jsmodel]',
  rowThread: '[data-legacy-thread-id], [data-thread-id]',
  /** Recipient chips of a compose window. */
  composeWindow: '[role="dialog"], [role="region"], form',
  /** Since October 2021 options of a list box, `span[email]` while they are folded; before, hidden fields. */
  composeChip:
    '[role="listbox"] [role="option"][data-hovercard-id*="@"], span[email], input[type="hidden"]:is([name="to"], [name="cc"], [name="bcc"])',
  /** Which of the mailbox’s addresses an email leaves from; there when it has several. */
  composeFrom: 'input[name="from"]',
  composeBody:
    '[role="textbox"][contenteditable="true"][g_editable="true"], [role="textbox"][contenteditable="true"]',
  /** Where the account’s own address stands. */
  account: '[role="banner"] a[aria-label*="@"], header a[aria-label*="@"]',
  loadingAccount: '#loading .msg',
} as const

/** The second, independent way: class names of 2025. Only to notice when the first way begins to fail. */
export const classSelectors = {
  message: '.adn.ads, .adf.ads',
  sender: '.gD[email], td.gF span[email]',
  recipients: '.hb span[email]',
  text: '.a3s, .ii',
} as const
