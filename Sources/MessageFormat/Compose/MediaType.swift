// Media types by file name. A table of our own, because what is declared must not depend on which
// packages a machine has installed.

import MailModel

/// Media types of attachments.
package enum MediaType {
    /// What is declared where nothing better is known.
    package static let unknown = "application/octet-stream"

    /// The media type for a file name's extension, in any case; `unknown` where there is none.
    ///
    /// `.eml` is `unknown` on purpose: message/rfc822 must not be sent in base64 (RFC 2046 5.2.1).
    package static func forFileName(_ name: [UInt8]) -> String {
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), name.count - dot <= 12 else {
            return unknown
        }
        let suffix = name[(dot + 1)...].map(ASCII.lowercased)
        return table[String(decoding: suffix, as: UTF8.self)] ?? unknown
    }

    /// Whether a caller's type may be declared for an attachment in base64: `type/subtype` in
    /// tokens, and no multipart or message, which may not be encoded (RFC 2045 6.4).
    package static func isAttachable(_ type: String) -> Bool {
        let names = Array(type.utf8).split(
            separator: UInt8(ascii: "/"),
            omittingEmptySubsequences: false
        )
        guard names.count == 2, names.allSatisfy({ $0.count <= 127 && !$0.isEmpty }) else {
            return false
        }
        guard !ASCII.equal(names[0], "multipart"), !ASCII.equal(names[0], "message") else {
            return false
        }
        return names.joined().allSatisfy { octet in
            (0x30...0x39).contains(octet) || (0x61...0x7A).contains(octet | 0x20)
                || "!#$&^_.+-".utf8.contains(octet)
        }
    }

    private static let table: [String: String] = {
        var table: [String: String] = [:]
        for (prefix, entries) in groups {
            for (suffix, subtype) in entries { table[suffix] = prefix + "/" + subtype }
        }
        return table
    }()

    private static let groups: [(String, [(String, String)])] = [
        ("text", texts), ("image", images), ("audio", audios), ("video", videos),
        ("application", documents), ("application", archives), ("application", others),
        ("font", [("otf", "otf"), ("ttf", "ttf"), ("woff", "woff"), ("woff2", "woff2")]),
    ]

    private static let texts = [
        ("txt", "plain"), ("text", "plain"), ("log", "plain"), ("conf", "plain"), ("ini", "plain"),
        ("c", "plain"), ("h", "plain"), ("cpp", "plain"), ("swift", "plain"), ("rs", "plain"),
        ("go", "plain"), ("java", "plain"), ("py", "x-python"), ("rb", "plain"),
        ("sh", "x-shellscript"), ("pl", "x-perl"), ("diff", "x-patch"), ("patch", "x-patch"),
        ("html", "html"), ("htm", "html"), ("css", "css"), ("csv", "csv"),
        ("tsv", "tab-separated-values"), ("md", "markdown"), ("markdown", "markdown"),
        ("ics", "calendar"), ("ifb", "calendar"), ("vcf", "vcard"), ("vcard", "vcard"),
        ("rtx", "richtext"), ("tex", "x-tex"), ("org", "plain"), ("js", "javascript"),
    ]
    private static let images = [
        ("png", "png"), ("jpg", "jpeg"), ("jpeg", "jpeg"), ("jpe", "jpeg"), ("gif", "gif"),
        ("webp", "webp"), ("avif", "avif"), ("heic", "heic"), ("heif", "heif"), ("bmp", "bmp"),
        ("tif", "tiff"), ("tiff", "tiff"), ("svg", "svg+xml"), ("ico", "vnd.microsoft.icon"),
        ("jxl", "jxl"), ("jp2", "jp2"), ("psd", "vnd.adobe.photoshop"), ("djvu", "vnd.djvu"),
    ]
    private static let audios = [
        ("mp3", "mpeg"), ("m4a", "mp4"), ("ogg", "ogg"), ("oga", "ogg"), ("opus", "ogg"),
        ("flac", "flac"), ("wav", "wav"), ("aac", "aac"), ("aif", "aiff"), ("aiff", "aiff"),
        ("mid", "midi"), ("midi", "midi"), ("weba", "webm"), ("amr", "amr"),
    ]
    private static let videos = [
        ("mp4", "mp4"), ("m4v", "mp4"), ("mpg", "mpeg"), ("mpeg", "mpeg"), ("webm", "webm"),
        ("mkv", "x-matroska"), ("mov", "quicktime"), ("avi", "x-msvideo"), ("ogv", "ogg"),
        ("wmv", "x-ms-wmv"), ("3gp", "3gpp"),
    ]
    private static let documents = [
        ("pdf", "pdf"), ("ps", "postscript"), ("eps", "postscript"), ("rtf", "rtf"),
        ("doc", "msword"), ("dot", "msword"), ("xls", "vnd.ms-excel"), ("ppt", "vnd.ms-powerpoint"),
        ("docx", "vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("xlsx", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("pptx", "vnd.openxmlformats-officedocument.presentationml.presentation"),
        ("odt", "vnd.oasis.opendocument.text"), ("ods", "vnd.oasis.opendocument.spreadsheet"),
        ("odp", "vnd.oasis.opendocument.presentation"), ("odg", "vnd.oasis.opendocument.graphics"),
        ("epub", "epub+zip"), ("mobi", "x-mobipocket-ebook"), ("xps", "oxps"), ("oxps", "oxps"),
        ("vsd", "vnd.visio"), ("pages", "vnd.apple.pages"), ("numbers", "vnd.apple.numbers"),
        ("key", "vnd.apple.keynote"),
    ]
    private static let archives = [
        ("zip", "zip"), ("gz", "gzip"), ("tgz", "gzip"), ("bz2", "x-bzip2"), ("xz", "x-xz"),
        ("zst", "zstd"), ("tar", "x-tar"), ("7z", "x-7z-compressed"), ("rar", "vnd.rar"),
        ("jar", "java-archive"), ("deb", "vnd.debian.binary-package"), ("rpm", "x-rpm"),
        ("iso", "x-iso9660-image"), ("lz4", "x-lz4"), ("cab", "vnd.ms-cab-compressed"),
    ]
    private static let others = [
        ("json", "json"), ("xml", "xml"), ("xsl", "xml"), ("yaml", "yaml"), ("yml", "yaml"),
        ("toml", "toml"), ("sql", "sql"), ("wasm", "wasm"), ("sqlite", "vnd.sqlite3"),
        ("sig", "pgp-signature"), ("p7s", "pkcs7-signature"), ("p7m", "pkcs7-mime"),
        ("p7c", "pkcs7-mime"), ("p12", "x-pkcs12"), ("pfx", "x-pkcs12"), ("pem", "x-pem-file"),
        ("crt", "x-x509-ca-cert"), ("cer", "pkix-cert"), ("kml", "vnd.google-earth.kml+xml"),
        ("gpx", "gpx+xml"), ("geojson", "geo+json"), ("torrent", "x-bittorrent"),
    ]
}
