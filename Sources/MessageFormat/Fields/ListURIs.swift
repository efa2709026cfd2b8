// The URIs of a list's header fields. They are shown; nothing here or below fetches one.

import MailModel

/// A List-Post, -Unsubscribe, -Subscribe, -Help, -Archive or -Owner field (RFC 2369).
package struct ListURIs: Sendable, Hashable {
    /// The URIs in order of preference.
    package let uris: [String]
    /// Whether the field says `NO`: the list takes no posts (RFC 2369 3.4).
    package let isRefused: Bool

    /// Reads a field body.
    ///
    /// Comments are skipped and white space inside brackets is removed (RFC 2369 2). A URI with
    /// octets that no URI has is left out, and so is all text outside of brackets.
    package static func parse(_ octets: some Sequence<UInt8>) -> ListURIs {
        var scanner = FieldScanner(
            FieldOctets.array(octets, limit: MessageFormatLimits.fieldOctetsMax)
        )
        scanner.skipComments()
        let isRefused = isNo(scanner)
        var uris: [String] = []
        while !scanner.isAtEnd, uris.count < MessageFormatLimits.listURIsMax {
            scanner.skipComments()
            if scanner.current == UInt8(ascii: "<") {
                if let uri = uri(scanner.enclosed(by: UInt8(ascii: ">"))) { uris.append(uri) }
            } else {
                scanner.skip()
            }
        }
        return ListURIs(uris: uris, isRefused: isRefused && uris.isEmpty)
    }

    /// The first URI of a scheme, such as `https`.
    package func first(scheme: String) -> String? {
        uris.first { uri in
            let head = uri.utf8.prefix { $0 != UInt8(ascii: ":") }
            return head.count < uri.utf8.count && ASCII.equal(head, scheme.utf8)
        }
    }

    /// Where one POST request unsubscribes (RFC 8058), or nil.
    ///
    /// Only an https URI beside `List-Unsubscribe=One-Click` counts. Whoever sends the request must
    /// have checked that a valid DKIM signature covers both fields (RFC 8058 4), and the request is
    /// a POST, never a GET.
    package static func oneClick(
        unsubscribe: some Sequence<UInt8>,
        post: some Sequence<UInt8>
    ) -> String? {
        let command = CommentStripper.strip(
            FieldOctets.array(post, limit: MessageFormatLimits.fieldOctetsMax)
        )
        .filter { $0 > ASCII.space }
        guard ASCII.equal(command, "List-Unsubscribe=One-Click") else { return nil }
        return parse(unsubscribe).first(scheme: "https")
    }

    private static func isNo(_ scanner: FieldScanner) -> Bool {
        var scanner = scanner
        return ASCII.equal(scanner.word { $0 <= ASCII.space || $0 == UInt8(ascii: "(") }, "no")
    }

    private static func uri(_ content: ArraySlice<UInt8>) -> String? {
        let octets = content.filter { $0 > ASCII.space }
        guard octets.contains(UInt8(ascii: ":")),
            octets.count <= MessageFormatLimits.listURIOctetsMax,
            octets.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return String(decoding: octets, as: UTF8.self)
    }
}
