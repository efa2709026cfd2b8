// What holds of HTML that became text.

import MailModel
import MessageFormat

extension Properties {
    /// HTML becomes text without CR, not much longer than it was, with every character reference
    /// read.
    package static func htmlText(_ octets: [UInt8]) throws -> Int {
        let html = String(decoding: octets, as: UTF8.self)
        let text = HTMLText.render(html)
        try hold(!text.utf8.contains(ASCII.cr), "a CR in rendered HTML")
        // One tag of four octets may begin a line behind sixteen quotation marks.
        try hold(text.utf8.count <= 64 * html.utf8.count + 1_024, "\(text.utf8.count) octets")
        let shown = MessageText.display(
            octets,
            type: "html",
            charset: nil,
            flowed: false,
            delSp: false
        )
        try hold(!shown.utf8.contains(ASCII.cr), "a CR in displayed HTML")
        try holdReferences(octets)
        return text.utf8.count + shown.utf8.count
    }

    /// Text written as character references is read as it was, whatever it looks like.
    private static func holdReferences(_ octets: [UInt8]) throws {
        let plain = octets.prefix(1_024).filter { (0x20...0x7E).contains($0) }
        var html: [UInt8] = []
        for octet in plain {
            switch octet {
            case UInt8(ascii: "<"): html += "&lt;".utf8
            case UInt8(ascii: ">"): html += "&gt;".utf8
            case UInt8(ascii: "&"): html += "&amp;".utf8
            case ASCII.space: html.append(octet)
            default: html += "&#\(octet);".utf8
            }
        }
        let words = plain.split(separator: ASCII.space)
        let text = HTMLText.render(String(decoding: html, as: UTF8.self))
        let read = Array(text.utf8).split { $0 == ASCII.space || $0 == ASCII.lf }
        try hold(read == words, "character references are read as \(text)")
    }
}
