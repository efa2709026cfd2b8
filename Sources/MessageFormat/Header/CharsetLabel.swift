// Which charset a label means. Only the charsets named here are ever opened: a label is a sender's
// word, and the C library would load any conversion module it has for it.

import MailModel

/// What to decode by.
enum CharsetLabel: Equatable {
    /// No charset that can be relied on: UTF-8 if valid, else windows-1252.
    case undeclared
    case utf8
    case windows1252
    case utf16(isBigEndian: Bool)
    case iso2022JP
    /// A name that iconv of the C library knows.
    case iconv(String)

    /// Looks a label up: case, blanks and quotes do not matter.
    init(_ label: some Sequence<UInt8>) {
        self.init(
            array: FieldOctets.array(label, limit: MessageFormatLimits.charsetLabelOctetsMax + 1)
        )
    }

    /// The same for a label that may be missing.
    init(_ label: String?) {
        self = label.map { CharsetLabel($0.utf8) } ?? .undeclared
    }

    /// The same for a slice.
    init(_ label: ArraySlice<UInt8>) {
        self.init(array: Array(label.prefix(MessageFormatLimits.charsetLabelOctetsMax + 1)))
    }

    private init(array label: [UInt8]) {
        if ASCII.equal(label, "utf-8") {
            self = .utf8
            return
        }
        let octets =
            label.filter { $0 > 0x20 && !"\"'\\".utf8.contains($0) }
            .map(ASCII.lowercased)
        guard octets.count <= MessageFormatLimits.charsetLabelOctetsMax else {
            self = .undeclared
            return
        }
        let name = String(decoding: octets, as: UTF8.self)
        if let known = Self.known[name] {
            self = known
        } else if octets.starts(with: "iso-2022-jp".utf8) {
            self = .iso2022JP
        } else if let family = Self.family(octets) {
            self = family
        } else {
            self = .undeclared
        }
    }

    /// Whether a label is known to say nothing: US-ASCII, whose 8-bit octets may be anything, and
    /// the words writers use for not knowing (RFC 1428 3).
    static func isUndeclared(_ label: some Sequence<UInt8>) -> Bool {
        let octets = label.prefix(MessageFormatLimits.charsetLabelOctetsMax)
            .filter { $0 > 0x20 && !"\"'\\".utf8.contains($0) }
        return emptyLabels.contains { ASCII.equal(octets, $0.utf8) }
    }

    private static let emptyLabels = [
        "us-ascii", "ascii", "ansi_x3.4-1968", "iso646-us", "x-unknown", "unknown-8bit", "unknown",
        "default", "8bit", "7bit", "binary", "x-user-defined",
    ]

    private static let known: [String: CharsetLabel] = {
        var table: [String: CharsetLabel] = [:]
        for (label, names) in groups {
            var name: [UInt8] = []
            for octet in names.utf8 + [ASCII.space] {
                if octet != ASCII.space {
                    name.append(octet)
                } else if !name.isEmpty {
                    table[String(decoding: name, as: UTF8.self)] = label
                    name = []
                }
            }
        }
        return table
    }()

    private static let groups: [(CharsetLabel, String)] = [
        (.utf8, "utf-8 utf8 unicode-1-1-utf-8 x-unicode20utf8 utf-8-mac utf8mb4 cp65001"),
        (
            .windows1252,
            "iso-8859-1 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 iso-ir-100 latin1 latin-1 l1 "
                + "cp819 ibm819 csisolatin1 windows-1252 cp1252 x-cp1252 cp-1252 ansi win-1252"
        ),
        (
            .utf16(isBigEndian: false),
            "utf-16 utf16 utf-16le unicode ucs-2 csunicode"
        ),
        (.utf16(isBigEndian: true), "utf-16be unicodefffe"),
        (.iso2022JP, "csiso2022jp jis cp50220 cp50221"),
        (
            .iconv("GB18030"),
            "gb18030 gb2312 gbk gb_2312-80 gb_2312 csgb2312 chinese csiso58gb231280 iso-ir-58 "
                + "x-gbk cp936 ms936 windows-936 euc-cn cn-gb"
        ),
        (
            .iconv("CP949"),
            "ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 korean iso-ir-149 csksc56011987 euc-kr "
                + "cseuckr windows-949 cp949 ms949 uhc"
        ),
        (
            .iconv("CP932"),
            "shift_jis shift-jis sjis ms_kanji csshiftjis windows-31j x-sjis ms932 cp932"
        ),
        (.iconv("EUC-JP-MS"), "euc-jp x-euc-jp cseucpkdfmtjapanese eucjp"),
        (
            .iconv("BIG5-HKSCS"),
            "big5 big5-hkscs big5hkscs cn-big5 csbig5 x-x-big5 cp950"
        ),
        (.iconv("CP1254"), "iso-8859-9 iso8859-9 latin5 l5 csisolatin5 iso-ir-148 iso_8859-9"),
        (.iconv("CP874"), "iso-8859-11 iso8859-11 tis-620 windows-874 dos-874 cp874"),
        (.iconv("ISO-8859-8"), "iso-8859-8-i iso-8859-8-e logical visual hebrew"),
        (.iconv("ISO-8859-2"), "latin2 latin-2 l2 csisolatin2"),
        (.iconv("ISO-8859-3"), "latin3 l3"),
        (.iconv("ISO-8859-4"), "latin4 l4"),
        (.iconv("ISO-8859-5"), "cyrillic csisolatincyrillic"),
        (.iconv("ISO-8859-6"), "arabic csisolatinarabic iso-8859-6-i iso-8859-6-e"),
        (.iconv("ISO-8859-7"), "greek greek8 csisolatingreek"),
        (.iconv("ISO-8859-10"), "latin6 l6"),
        (.iconv("ISO-8859-15"), "latin9 latin-9 l9 csisolatin9"),
        (.iconv("KOI8-R"), "koi8-r koi8 koi koi8_r cskoi8r"),
        (.iconv("KOI8-U"), "koi8-u koi8-ru"),
        (.iconv("MACINTOSH"), "macintosh mac x-mac-roman csmacintosh"),
        (.iconv("MAC-CYRILLIC"), "x-mac-cyrillic x-mac-ukrainian"),
        (.iconv("MAC-CENTRALEUROPE"), "x-mac-ce x-mac-centraleurroman"),
        (.iconv("UTF-7"), "utf-7 utf7 unicode-1-1-utf-7 csunicode11utf7"),
        (.iconv("UTF-32LE"), "utf-32 utf-32le"),
        (.iconv("UTF-32BE"), "utf-32be ucs-4"),
        (.iconv("ISO-2022-KR"), "iso-2022-kr csiso2022kr"),
        (.iconv("EUC-TW"), "euc-tw"),
        (.iconv("VISCII"), "viscii"),
        (.iconv("TCVN5712-1"), "tcvn"),
        (.iconv("ARMSCII-8"), "armscii-8"),
        (.iconv("CP1361"), "johab"),
    ]

    /// The numbered families: ISO 8859, the Windows code pages and those of DOS.
    private static func family(_ octets: [UInt8]) -> CharsetLabel? {
        let families: [(prefix: String, target: String, numbers: Set<UInt64>)] = [
            ("iso-8859-", "ISO-8859-", [2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16]),
            ("iso_8859-", "ISO-8859-", [2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16]),
            ("iso8859-", "ISO-8859-", [2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16]),
            ("windows-", "CP", windowsPages),
            ("win-", "CP", windowsPages),
            ("x-cp", "CP", windowsPages),
            ("cp-", "CP", windowsPages),
            ("cp", "CP", windowsPages.union(dosPages)),
            ("ibm", "CP", dosPages),
            ("ibm-", "CP", dosPages),
            ("dos-", "CP", dosPages),
        ]
        for family in families where octets.starts(with: family.prefix.utf8) {
            // `iso-8859-7:1987` carries its year.
            let digits = octets.dropFirst(family.prefix.utf8.count).prefix {
                $0 != UInt8(ascii: ":")
            }
            if let number = ASCII.decimal(digits), family.numbers.contains(number) {
                return .iconv(family.target + String(number))
            }
        }
        return nil
    }

    private static let windowsPages: Set<UInt64> = [
        1250, 1251, 1253, 1254, 1255, 1256, 1257, 1258,
    ]
    private static let dosPages: Set<UInt64> = [
        437, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869,
    ]
}
