// What holds of encoded words, MIME fields and file names.

import MailModel
import MessageFormat

extension Properties {
    /// Words are decoded once; fields have a defined reading without a line end in any value.
    package static func encodedWordsAndParameters(_ octets: [UInt8]) throws -> Int {
        let text = HeaderText.decode(octets)
        try holdCollapsed(text)
        try hold(text.utf8.count <= 16 * octets.count + 64, "\(text.utf8.count) octets of text")
        try holdDecodedOnce(octets)
        let type = ContentTypeField.parse(octets)
        for name in [type.type, type.subtype] {
            try hold(!name.isEmpty, "an empty media type")
            try hold(!name.utf8.contains { (0x41...0x5A).contains($0) }, "a capital in a type")
            try holdOneLine(name, "a media type")
        }
        let disposition = ContentDispositionField.parse(octets)
        try hold(!disposition.token.isEmpty, "an empty disposition")
        try holdOneLine(disposition.token, "a disposition")
        try holdParameters(type.parameters)
        try holdParameters(disposition.parameters)
        try holdSameType(octets, type)
        let name = ParameterList.fileName(
            disposition: disposition.parameters.pairs,
            contentType: type.parameters.pairs
        )
        if let name { try holdSafe(FileName.safe(name)) }
        let hint = TextPartChoice.suggestsAttachment(contentType: octets)
        return text.utf8.count + type.parameters.pairs.count + (hint ? 1 : 0)
    }

    /// A text inside an encoded word comes out as it is, even if it looks like one.
    private static func holdDecodedOnce(_ octets: [UInt8]) throws {
        let clean = octets.prefix(45).filter { $0 > 0x20 && $0 != 0x7F }
        guard let text = utf8Text(clean), !clean.starts(with: [0xEF, 0xBB, 0xBF]) else { return }
        var encoder = AttachmentEncoder()
        let base64 = encoder.encode(clean) + encoder.finish()
        let word = Array("=?utf-8?B?".utf8) + base64 + Array("?=".utf8)
        try hold(HeaderText.decode(word) == text, "an encoded word is decoded twice: \(text)")
    }

    private static func holdParameters(_ list: ParameterList) throws {
        let pairs = list.pairs
        try hold(pairs.count <= MessageFormatLimits.parametersMax, "too many parameters")
        try hold(ParameterList(pairs) == list, "parameters read again are others")
        for pair in pairs {
            try hold(!pair.name.isEmpty, "a parameter without name")
            try hold(!pair.value.contains { $0 == 0x0A || $0 == 0x0D }, "a line end in a value")
            let base = pair.name.utf8.prefix { $0 != UInt8(ascii: "*") }
            let names = [pair.name, String(decoding: Array(base), as: UTF8.self)]
            for name in names { try holdOneLine(list.value(name) ?? "", "a decoded value") }
        }
        for name in ["filename", "name", "charset", "boundary"] {
            try holdOneLine(list.value(name) ?? "", "a decoded \(name)")
        }
    }

    /// The fast reading of the media type in the tree is that of the field.
    private static func holdSameType(_ octets: [UInt8], _ type: ContentTypeField) throws {
        let value = octets.filter { $0 != 0x0A && $0 != 0x0D }
        let tree = MessageTree(parsing: Array("Content-Type:".utf8) + value + [0x0A, 0x0A])
        let field = ContentTypeField.parse(value)
        try hold(
            tree.parts[0].type == field.type && tree.parts[0].subtype == field.subtype,
            "\(tree.parts[0].mediaType) in the tree, \(field.type)/\(field.subtype) in the field"
        )
        try hold(field == type, "line ends change a media type")
    }

    /// A name from outside becomes one that is safe to create in a directory.
    package static func fileNames(_ octets: [UInt8]) throws -> Int {
        let name = String(decoding: octets, as: UTF8.self)
        let safe = FileName.safe(name)
        try holdSafe(safe)
        try hold(FileName.safe(safe) == safe, "a safe name is changed: \(safe)")
        let typed = FileName.safe(name, mediaType: "image/png")
        try holdSafe(typed)
        try hold(typed == safe || typed == "attachment.png", "the type changes a name")
        return safe.utf8.count
    }

    /// What reliability.md C29 and F03 ask of a name.
    private static func holdSafe(_ name: String) throws {
        let octets = Array(name.utf8)
        try hold(!octets.isEmpty, "an empty file name")
        try hold(octets.count <= FileName.octetsMax, "a file name of \(octets.count) octets")
        try hold(!octets.contains(UInt8(ascii: "/")), "a slash in a file name")
        try hold(!octets.contains(UInt8(ascii: "\\")), "a backslash in a file name")
        try hold(octets[0] != UInt8(ascii: "."), "a file name begins with a dot")
        try hold(octets[0] != UInt8(ascii: "-"), "a file name begins with a dash")
        try hold(octets[0] != ASCII.space, "a file name begins with a blank")
        let last = octets[octets.count - 1]
        try hold(last != UInt8(ascii: ".") && last != ASCII.space, "a file name's end")
        for scalar in name.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                throw Broken(description: "U+\(String(scalar.value, radix: 16)) in a file name")
            default: break
            }
        }
    }
}
