// Every limit of this target in one place (reliability.md 1.4 L6, protocols.md 3.2). A limit cuts
// what is read and never fails a message; what we write is refused when it would break one.

/// How much of a message is read, and how long what we write may be.
package enum MessageFormatLimits {
    /// Most octets of a header section that are read; the rest is dropped and flagged.
    package static let headerBlockOctetsMax = 1_048_576
    /// Most header fields kept of one section.
    package static let headerFieldsMax = 1_000
    /// Most octets of a message that is read: what a field's place can say.
    package static let messageOctetsMax = Int(UInt32.max)
    /// Most header fields kept of all parts of one message.
    package static let treeFieldsMax = 100_000
    /// Most containers around a part; a container that stands deeper is an opaque leaf.
    package static let nestingMax = 100
    /// Most parts of one message; the rest stays in the last one.
    package static let partsMax = 10_000
    /// Most texts of one message that are shown one after the other.
    package static let shownTextsMax = 20
    /// Most octets held of a line that may be one of uuencode.
    package static let uuencodeLineOctetsMax = 1_024
    /// Octets that uuencode may make of characters that are missing, beside three for each octet
    /// received.
    package static let uuencodePaddingBase = 1_024
    /// Octets of HTML that are searched for the charset it names itself.
    package static let htmlCharsetSearchOctetsMax = 1_024
    /// Most uuencoded files found in one text.
    package static let uuencodedFilesMax = 100
    /// Most octets of a boundary that is looked for.
    package static let boundaryOctetsMax = 2_048
    /// Most mailboxes read from one address field.
    package static let addressesMax = 10_000
    /// Most words read of one mailbox, and of names without an address behind each other; the
    /// rest is dropped.
    package static let mailboxWordsMax = 20_000
    /// Most message ids kept of one field: the last ones, nearest to the message.
    package static let messageIDsMax = 200
    /// Most parameters read from one MIME field.
    package static let parametersMax = 128
    /// Most octets of a charset label that is looked up.
    package static let charsetLabelOctetsMax = 64
    /// Most octets of a date field that are looked at.
    package static let dateOctetsMax = 1_024
    /// Most blanks held back behind an `=` of quoted-printable.
    package static let heldBlanksMax = 65_536

    /// Most quotations, lists and items open in HTML, and most tables; deeper ones do nothing.
    package static let htmlLevelsMax = 1_000
    /// Most octets of quotation marks and indents before a line; deeper ones look like this one.
    package static let linePrefixOctetsMax = 40
    /// How many times the HTML its text may be before lines lose their prefixes, and what is free.
    package static let htmlGrowthMax = 3
    package static let htmlGrowthBase = 16_384
    /// Most octets of a character reference.
    package static let entityOctetsMax = 32
    /// Most octets of a style's margins that are looked at.
    package static let marginOctetsMax = 64
    /// Most line ends in a row that preformatted text keeps.
    package static let emptyLinesMax = 20
    /// Most cells of a table in columns.
    package static let tableCellsMax = 20_000
    /// Most columns of a table in columns.
    package static let tableColumnsMax = 32
    /// Most terminal cells of a table in columns; a wider one is written cell by cell.
    package static let tableWidthMax = 100
    /// Most lines of a cell of a table in columns.
    package static let cellLinesMax = 20
    /// Most octets of a cell that has the next one beside it; a longer one is a paragraph.
    package static let shortCellOctetsMax = 80
    /// Most scalars of a preview.
    package static let previewScalarsMax = 200
    /// Most links listed below a rendered HTML text.
    package static let linkNotesMax = 1_000
    /// Most octets of the scheme of a link, its colon included.
    package static let schemeOctetsMax = 24
    /// Most octets of a link that is listed.
    package static let linkOctetsMax = 2_048

    /// The line length that headers are folded to where possible (RFC 5322 2.1.1).
    package static let lineOctetsPreferred = 78
    /// The line length never exceeded, without CRLF (RFC 5322 2.1.1).
    package static let lineOctetsMax = 998
    /// Most characters of one encoded word (RFC 2047 2).
    package static let encodedWordOctetsMax = 75
    /// The length of a line that holds an encoded word (RFC 2047 2).
    package static let encodedLineOctetsMax = 76
    /// Most octets of a subject, a display name or a user agent that is sent.
    package static let headerTextOctetsMax = 65_536
    /// Most octets of an attachment's name that is sent.
    package static let attachmentNameOctetsMax = 1_024
    /// Most octets of a message id that is sent, so that its line fits.
    package static let messageIDOctetsMax = 900
    /// Most ids written to References.
    package static let referencesMax = 1_000
    /// Most mailboxes in one field that is sent.
    package static let recipientsMax = 10_000
    /// Most attachments of a draft.
    package static let attachmentsMax = 1_000

    /// Most octets of one List-* or Authentication-Results field that are looked at; addresses and
    /// ids are bound by their number instead.
    package static let fieldOctetsMax = 262_144
    /// Most octets of one Received field that are looked at.
    package static let receivedOctetsMax = 16_384
    /// Most phrases read from a list of phrases.
    package static let commaListItemsMax = 1_000
    /// Most URIs read from one List- field.
    package static let listURIsMax = 32
    /// Most octets of one URI of a List- field.
    package static let listURIOctetsMax = 8_192
    /// Most results read from one Authentication-Results field.
    package static let authenticationResultsMax = 64
    /// Most properties read from one authentication result.
    package static let authenticationPropertiesMax = 32
    /// Most octets of a method, property name or result word.
    package static let authenticationNameOctetsMax = 128
    /// Most octets of a property's value, a reason or an authserv-id.
    package static let authenticationValueOctetsMax = 4_096
    /// Most octets of a report's machine readable part that are looked at.
    package static let reportOctetsMax = 1_048_576
    /// Most recipients read from one delivery report.
    package static let reportRecipientsMax = 1_000
    /// Most octets of one report field's value.
    package static let reportValueOctetsMax = 8_192
    /// Most octets of a calendar object that are looked at.
    package static let calendarOctetsMax = 1_048_576
    /// Most octets of one calendar property's value that are kept.
    package static let calendarValueOctetsMax = 8_192
    /// Most components open inside each other in a calendar object that is read.
    package static let calendarDepthMax = 16
    /// Most octets of a text that are looked at for an armour line.
    package static let armourSearchOctetsMax = 262_144

    // Composing.

    /// Most octets of a text or HTML that is sent.
    package static let bodyTextOctetsMax = 67_108_864
    /// Most octets of the name of an added header field, so that an encoded word of any scalar fits
    /// behind it.
    package static let headerNameOctetsMax = 50
    /// Most header fields a draft may add.
    package static let addedHeadersMax = 200
    /// Most octets of a word that an added header field keeps unencoded: its line, with the blank
    /// in front, stays below `lineOctetsMax`.
    package static let addedHeaderWordOctetsMax = 900
    /// Lines quoted deeper than this are not wrapped in flowed text.
    package static let flowedQuoteDepthMax = 30

    // Replying and forwarding.

    /// Most ids in the References of a reply: the first and the last ones of a longer thread.
    package static let replyReferencesMax = 40
    /// Most octets of a subject or name taken over into a reply.
    package static let repliedTextOctetsMax = 8_192
}
