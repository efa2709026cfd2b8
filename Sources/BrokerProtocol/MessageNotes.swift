// What a message is besides a text: a report, an invitation, something signed. For showing: the
// broker acts on none of it.

package import MailModel

/// What is to be said about a message.
package struct MessageNotes: Sendable, Codable, Equatable {
    /// How it is signed or encrypted; nil for neither.
    package var protection: Protection?
    /// The deliveries it reports as failed or delayed; nil where it is no such report.
    package var bounce: Bounce?
    /// The event it is about; nil for none.
    package var event: CalendarEvent?
    /// The fields whose signed or encrypted value differs from the one in the header.
    package var protected: [ProtectedField]

    /// Nothing to say.
    package init() { protected = [] }

    /// Signature and encryption, by the look of the message: nothing has been verified.
    package struct Protection: Sendable, Codable, Equatable {
        /// `pgp` or `smime`.
        package var system: String
        /// Whether there is a signature that can be seen from outside.
        package var signed: Bool
        /// Whether the content is encrypted.
        package var encrypted: Bool

        /// A protection.
        package init(system: String, signed: Bool, encrypted: Bool) {
            self.system = system
            self.signed = signed
            self.encrypted = encrypted
        }
    }

    /// A delivery report (RFC 3464).
    package struct Bounce: Sendable, Codable, Equatable {
        /// The Message-ID of the message it is about, without brackets.
        package var originalMessageID: String?
        /// Who did not get it.
        package var recipients: [Recipient]

        enum CodingKeys: String, CodingKey {
            case recipients
            case originalMessageID = "original_message_id"
        }

        /// A report.
        package init(originalMessageID: String?, recipients: [Recipient]) {
            self.originalMessageID = originalMessageID
            self.recipients = recipients
        }

        /// A recipient who did not get the message.
        package struct Recipient: Sendable, Codable, Equatable {
            /// The address.
            package var address: String
            /// Whether delivery is still being tried; else it has failed.
            package var delayed: Bool
            /// The enhanced status code: `5.1.1`.
            package var status: String?
            /// What the refusing server said.
            package var diagnostic: String?

            /// A recipient.
            package init(address: String, delayed: Bool, status: String?, diagnostic: String?) {
                self.address = address
                self.delayed = delayed
                self.status = status
                self.diagnostic = diagnostic
            }
        }
    }

    /// An event of a calendar (RFC 5545).
    package struct CalendarEvent: Sendable, Codable, Equatable {
        /// What is asked: `REQUEST`, `CANCEL`, ...
        package var method: String?
        /// The event in a few words.
        package var summary: String?
        /// When it begins, as written: `20260203T090000Z`, with its zone where it names one.
        package var start: String?
        /// When it ends.
        package var end: String?
        /// Where.
        package var location: String?
        /// Who invites.
        package var organizer: Address?

        /// An event.
        package init(
            method: String?,
            summary: String?,
            start: String?,
            end: String?,
            location: String?,
            organizer: Address?
        ) {
            self.method = method
            self.summary = summary
            self.start = start
            self.end = end
            self.location = location
            self.organizer = organizer
        }
    }
}
