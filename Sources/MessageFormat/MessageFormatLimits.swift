// Every limit of this target in one place (reliability.md 1.4 L6, protocols.md 3.2). A limit cuts
// what is read and never fails a message; what we write is refused when it would break one.

/// How much of a message is read, and how long what we write may be.
package enum MessageFormatLimits {
    /// Most octets of a header section that are read; the rest is dropped and flagged.
    package static let headerBlockOctetsMax = 1_048_576
    /// Most header fields kept of one section.
    package static let headerFieldsMax = 1_000
    /// Most mailboxes read from one address field.
    package static let addressesMax = 10_000
    /// Most message ids kept of one field: the last ones, nearest to the message.
    package static let messageIDsMax = 200
    /// Most parameters read from one MIME field.
    package static let parametersMax = 128
    /// Most segments of one RFC 2231 value.
    package static let parameterSegmentsMax = 1_000
    /// Most octets of a charset label that is looked up.
    package static let charsetLabelOctetsMax = 64
    /// Most octets of a date field that are looked at.
    package static let dateOctetsMax = 1_024
    /// Most blanks held back before a line end in quoted-printable.
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
}
