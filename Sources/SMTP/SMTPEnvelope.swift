// What a caller submits with a message: who it is from, who gets it, and what the server must know
// of its octets beforehand. Header fields play no part here.

package import MailModel

/// The envelope of one message (RFC 5321 2.3.1).
package struct SMTPEnvelope: Sendable, Hashable {
    /// The reverse-path; nil is the null path `<>` of notifications.
    package let sender: AddrSpec?
    /// The forward-paths; 1 to `SMTPLimits.recipientsMax`, sent in this order.
    package let recipients: [AddrSpec]
    /// Octets of the message with CRLF line ends, before dots are doubled; 0 where it is not known.
    ///
    /// A body that turns out shorter is not finished with a dot: it was cut on its way here.
    package let size: UInt64
    /// Whether the message holds octets above 127.
    ///
    /// It asks for BODY=8BITMIME where that is offered;
    /// where it is not, the message is sent all the same, so a caller that can re-encode looks at
    /// `SMTPServerSummary.extensions` first.
    package let needs8Bit: Bool
    /// Whether the message goes to the recipients that were accepted when others were refused.
    ///
    /// Otherwise one refused recipient stops it for all.
    package let allowsPartial: Bool
    /// Which reports are wanted (RFC 3461); nil for what the server does by itself.
    ///
    /// It is left out where DSN is not offered, and the outcome says so.
    package let dsn: DSNRequest?
    /// What reports call the message, any octets; left out where it is empty or too long.
    package let envelopeID: [UInt8]

    /// Puts an envelope together; the machine checks it on `submit`.
    package init(
        sender: AddrSpec?,
        recipients: [AddrSpec],
        size: UInt64,
        needs8Bit: Bool,
        allowsPartial: Bool = false,
        dsn: DSNRequest? = nil,
        envelopeID: [UInt8] = []
    ) {
        self.sender = sender
        self.recipients = recipients
        self.size = size
        self.needs8Bit = needs8Bit
        self.allowsPartial = allowsPartial
        self.dsn = dsn
        self.envelopeID = envelopeID
    }

    /// The first address that needs SMTPUTF8 (RFC 6531); nil where none does.
    package var addressNeedingUTF8: AddrSpec? {
        if let sender, sender.needsUTF8 { return sender }
        return recipients.first { $0.needsUTF8 }
    }
}
