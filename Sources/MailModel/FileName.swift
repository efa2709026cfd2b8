// A file name that a sender chose, made safe to create in a directory. Works on Unicode scalars: to
// `Character` a slash with a combining mark behind it is no slash (reliability.md section 0). It
// decides no directory and opens nothing.

/// Names of attachments.
package enum FileName {
    /// Most octets of a safe name: 255 without the room for ` (999)` before the extension.
    package static let octetsMax = 249
    /// Most octets of an extension that survives when a long name is cut.
    package static let extensionOctetsMax = 20

    /// A single path component for a name from outside; never empty, `.` or `..`.
    ///
    /// The last component between `/` and `\` that holds anything; without controls, line
    /// separators, bidirectional, zero-width and other invisible characters; without leading
    /// dots, dashes, blanks and combining marks and without trailing dots and blanks; at most
    /// `octetsMax` octets of UTF-8, cut between scalars in front of the extension. Device names of
    /// Windows get a `_` in front. Where nothing remains it is `attachment`, with the extension of
    /// `mediaType` (`image/png`) where that is a common one.
    package static func safe(_ name: String, mediaType: String? = nil) -> String {
        var best: [Unicode.Scalar] = []
        var component: [Unicode.Scalar] = []
        for scalar in name.unicodeScalars {
            if scalar == "/" || scalar == "\\" {
                let clean = trimmed(component)
                if !clean.isEmpty { best = clean }
                component.removeAll(keepingCapacity: true)
            } else if isVisible(scalar) {
                component.append(
                    scalar.properties.generalCategory == .spaceSeparator ? " " : scalar
                )
            }
        }
        let last = trimmed(component)
        if !last.isEmpty { best = last }
        guard !best.isEmpty else { return fallback(mediaType: mediaType) }
        // Looked at when cut, as `con` and hundreds of blanks become one.
        let short = cut(best)
        return text(isDeviceName(short) ? cut(["_"] + short) : short)
    }

    private static func text(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        guard !properties.isDefaultIgnorableCodePoint, !properties.isNoncharacterCodePoint else {
            return false
        }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: return false
        default: return scalar != "\u{FFFC}"
        }
    }

    private static func trimmed(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        let start = scalars.firstIndex { !isBadStart($0) } ?? scalars.endIndex
        let end = scalars.lastIndex { $0 != "." && $0 != " " }.map { $0 + 1 } ?? scalars.endIndex
        return start < end ? Array(scalars[start..<end]) : []
    }

    private static func isBadStart(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == "." || scalar == "-" || scalar == " " { return true }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: return true
        default: return false
        }
    }

    /// Cuts in front of the extension, between scalars.
    private static func cut(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        let size = scalars.reduce(0) { $0 + UTF8.width($1) }
        guard size > octetsMax else { return scalars }
        let dot = scalars.lastIndex(of: ".") ?? scalars.endIndex
        var tail = scalars[dot...]
        if tail.reduce(0, { $0 + UTF8.width($1) }) > extensionOctetsMax { tail = [] }
        var room = octetsMax - tail.reduce(0) { $0 + UTF8.width($1) }
        var head: [Unicode.Scalar] = []
        for scalar in scalars {
            room -= UTF8.width(scalar)
            guard room >= 0 else { break }
            head.append(scalar)
        }
        while let last = head.last, last == "." || last == " " { head.removeLast() }
        return head + tail
    }

    /// Whether Windows keeps the name for a device, with any extension.
    private static func isDeviceName(_ scalars: [Unicode.Scalar]) -> Bool {
        let stem = scalars.prefix { $0 != "." }
        guard stem.count <= 8, stem.allSatisfy({ $0.isASCII || "¹²³".unicodeScalars.contains($0) })
        else { return false }
        let name = text(stem).utf8.map(ASCII.lowercased)
        var word = name[...]
        while word.last == ASCII.space { word.removeLast() }
        if ["con", "prn", "aux", "nul", "conin$", "conout$"].contains(where: {
            word.elementsEqual($0.utf8)
        }) {
            return true
        }
        let isPort = word.starts(with: "com".utf8) || word.starts(with: "lpt".utf8)
        let number = word.dropFirst(3)
        return isPort
            && ["1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"].contains {
                number.elementsEqual($0.utf8)
            }
    }

    private static func fallback(mediaType: String?) -> String {
        guard let mediaType,
            let entry = extensions.first(where: { ASCII.equal($0.type.utf8, mediaType.utf8) })
        else { return "attachment" }
        return "attachment." + entry.name
    }

    private static let extensions: [(type: String, name: String)] = [
        ("text/plain", "txt"), ("text/html", "html"), ("text/calendar", "ics"), ("text/csv", "csv"),
        ("text/vcard", "vcf"), ("text/x-vcard", "vcf"), ("text/markdown", "md"),
        ("image/png", "png"), ("image/jpeg", "jpg"), ("image/gif", "gif"), ("image/webp", "webp"),
        ("image/svg+xml", "svg"), ("image/tiff", "tiff"), ("image/bmp", "bmp"),
        ("image/heic", "heic"),
        ("audio/mpeg", "mp3"), ("audio/ogg", "ogg"), ("audio/wav", "wav"), ("video/mp4", "mp4"),
        ("application/pdf", "pdf"), ("application/zip", "zip"), ("application/gzip", "gz"),
        ("application/json", "json"), ("application/xml", "xml"), ("application/rtf", "rtf"),
        ("application/msword", "doc"), ("application/vnd.ms-excel", "xls"),
        ("application/vnd.ms-powerpoint", "ppt"), ("application/pgp-signature", "asc"),
        ("application/pgp-encrypted", "asc"), ("application/pgp-keys", "asc"),
        ("application/pkcs7-signature", "p7s"), ("application/pkcs7-mime", "p7m"),
        ("application/ics", "ics"), ("message/rfc822", "eml"), ("message/global", "eml"),
        ("message/delivery-status", "txt"), ("text/rfc822-headers", "txt"),
    ]
}
