// Reading settings of one TOML table by type, with the table's place in every error.

import BrokerProtocol
import MailModel
import MailSession
import TOMLKit

/// A table of the configuration file and where it stands.
struct SettingTable {
    private let table: TOMLTable
    private let place: String

    init(_ table: TOMLTable, place: String) {
        self.table = table
        self.place = place
    }

    var keys: [String] { table.keys }

    func fault(_ line: String) -> BrokerError { Configuration.fault("\(place): \(line)") }

    /// Refuses keys that are not in a list.
    func allow(_ known: [String]) throws(BrokerError) {
        for key in keys.sorted() where !known.contains(key) {
            throw fault("unknown setting \(key); known are \(known.joined(separator: ", "))")
        }
    }

    func table(_ key: String) throws(BrokerError) -> SettingTable? {
        guard let value = table[key] else { return nil }
        guard let inner = value.table else { throw fault("\(key) must be a table") }
        return SettingTable(inner, place: "\(place): \(key)")
    }

    func string(_ key: String) throws(BrokerError) -> String? {
        guard let value = table[key] else { return nil }
        guard let text = value.string, !text.isEmpty else {
            throw fault("\(key) must be a text that is not empty")
        }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw fault("\(key) must not hold control characters")
        }
        return text
    }

    func boolean(_ key: String) throws(BrokerError) -> Bool? {
        guard let value = table[key] else { return nil }
        guard let boolean = value.bool else { throw fault("\(key) must be true or false") }
        return boolean
    }

    func number(_ key: String, in range: ClosedRange<Int>) throws(BrokerError) -> Int? {
        guard let value = table[key] else { return nil }
        guard let number = value.int, range.contains(number) else {
            throw fault("\(key) must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func required(_ key: String) throws(BrokerError) -> String {
        guard let text = try string(key) else { throw fault("\(key) must be set") }
        return text
    }

    func strings(_ key: String) throws(BrokerError) -> [String]? {
        guard let value = table[key] else { return nil }
        let texts = value.array?.map(\.string) ?? []
        let strings = texts.compactMap { $0 }
        guard !strings.isEmpty, strings.count == texts.count else {
            throw fault("\(key) must be a list of texts")
        }
        return strings
    }

    /// An endpoint, or `{ command = ["ssh", "host", "imap"] }`.
    func imapPlace(_ key: String) throws(BrokerError) -> AccountConfiguration.IMAPPlace? {
        guard let settings = try table(key) else { return nil }
        guard let command = try settings.strings("command") else {
            let endpoint = try endpoint(key, port: 993, 143, or: ["command"])
            return endpoint.map { .server($0) }
        }
        guard settings.keys.count == 1 else {
            throw settings.fault("beside command there must be no other setting")
        }
        guard command.first != "" else {
            throw settings.fault("command must begin with a program")
        }
        return .program(command)
    }

    /// `{ host = "...", port = 993, tls = "implicit" }`; without a port the usual one.
    ///
    /// `others` are settings that could stand there instead, for the error about a wrong one.
    func endpoint(
        _ key: String,
        port implicit: Int,
        _ startTLS: Int,
        or others: [String] = []
    ) throws(BrokerError) -> Endpoint? {
        guard let settings = try table(key) else { return nil }
        try settings.allow(["host", "port", "tls"] + others)
        let mode = try settings.string("tls") ?? "implicit"
        guard let protection = Endpoint.Protection(rawValue: mode) else {
            throw settings.fault("tls must be implicit, starttls or none")
        }
        var endpoint = Endpoint(
            host: try settings.required("host"),
            port: protection == .implicit ? implicit : startTLS,
            protection: protection
        )
        if let port = try settings.number("port", in: 1...65535) { endpoint.port = port }
        guard protection != .none || endpoint.isLoopback else {
            throw settings.fault("tls = \"none\" is for servers on this machine only")
        }
        return endpoint
    }

    /// A SHA-256 in hexadecimal, with or without colons.
    func pin(_ text: String) throws(BrokerError) -> [UInt8] {
        let digits = text.utf8.filter { $0 != UInt8(ascii: ":") }.map { digit -> UInt8 in
            switch ASCII.lowercased(digit) {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - 0x30
            case UInt8(ascii: "a")...UInt8(ascii: "f"): ASCII.lowercased(digit) - 0x57
            default: 0xFF
            }
        }
        guard digits.count == 64, !digits.contains(0xFF) else {
            throw fault("pin_sha256 must hold 64 hexadecimal digits each")
        }
        return stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
