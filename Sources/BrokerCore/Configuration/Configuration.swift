// The configuration file: TOML, strict. A key nobody knows is an error with its place, because a
// typing mistake in a setting must not be a silent default.

package import BrokerProtocol
import Glibc
import MailModel
import MailSession
import TOMLKit

/// What the configuration file says.
package struct Configuration: Sendable, Equatable {
    /// The accounts, by name.
    package var accounts: [AccountConfiguration] = []
    /// The program that turns HTML into text, without a shell; nil for the built-in way.
    package var htmlFilter: [String]?

    /// A configuration without accounts.
    package init() {}

    /// Reads a file; one that is not there is an empty configuration.
    package init(file path: String) throws(BrokerError) {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            if errno == ENOENT {
                self.init()
                return
            }
            throw Self.fault("\(path): \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Self.fault("\(path): not a regular file")
        }
        guard status.st_uid == geteuid() || status.st_uid == 0, status.st_mode & 0o022 == 0 else {
            throw Self.fault("\(path): others may change it; run: chmod go-w \(path)")
        }
        guard status.st_size <= CoreLimits.configurationOctetsMax else {
            throw Self.fault("\(path): larger than 1 MiB")
        }
        var octets = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
        let count = read(file, &octets, octets.count)
        guard count >= 0, let text = String(validating: octets.prefix(count), as: UTF8.self) else {
            throw Self.fault("\(path): not UTF-8")
        }
        try self.init(text: text, path: path)
    }

    /// Reads the text of a file; `path` is for error lines.
    package init(text: String, path: String = "config.toml") throws(BrokerError) {
        self.init()
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            let place = error.source.begin
            throw Self.fault(
                "\(path): line \(place.line), column \(place.column): \(error.description)"
            )
        } catch {
            throw Self.fault("\(path): \(error)")
        }
        let root = SettingTable(table, place: path)
        try root.allow(["account", "html_filter"])
        htmlFilter = try root.strings("html_filter")
        guard let accounts = try root.table("account") else { return }
        for name in accounts.keys.sorted() {
            guard let settings = try accounts.table(name) else { continue }
            self.accounts.append(try Self.account(name, settings))
        }
    }

    private static func account(
        _ name: String,
        _ settings: SettingTable
    ) throws(BrokerError) -> AccountConfiguration {
        try settings.allow([
            "address", "name", "user", "imap", "smtp", "ca_file", "pin_sha256", "password_command",
            "identities", "sent_copy", "fetch_ahead", "hold",
        ])
        let address = try settings.required("address")
        let spec: AddrSpec
        do {
            spec = try AddrSpec(address.utf8)
        } catch {
            throw settings.fault("address \(error)")
        }
        let known = KnownProvider.account(for: spec)
        guard let imap = try settings.imapPlace("imap") ?? known?.imap,
            let smtp = try settings.endpoint("smtp", port: 465, 587) ?? known?.smtp
        else { throw settings.fault("imap and smtp must be set") }
        var account = AccountConfiguration(
            name: name,
            address: address,
            displayName: try settings.string("name"),
            user: try settings.string("user") ?? address,
            imap: imap,
            smtp: smtp
        )
        account.caFile = try settings.string("ca_file")
        account.passwordCommand = try settings.strings("password_command")
        account.identities = try settings.strings("identities") ?? []
        account.pins = try (settings.strings("pin_sha256") ?? []).map {
            (text) throws(BrokerError) in try settings.pin(text)
        }
        if let copy = try settings.string("sent_copy") {
            guard let sentCopy = AccountConfiguration.SentCopy(rawValue: copy) else {
                throw settings.fault("sent_copy must be auto, always or never")
            }
            account.sentCopy = sentCopy
        }
        account.fetchesAhead = try settings.boolean("fetch_ahead") ?? true
        if let hold = try settings.string("hold") {
            guard let seconds = TimeSpan.seconds(hold.utf8), seconds <= CoreLimits.holdMax else {
                throw settings.fault("hold must be a time such as 10s or 5m, at most a day")
            }
            account.hold = seconds
        }
        return account
    }

    static func fault(_ line: String) -> BrokerError { BrokerError(.configurationInvalid, line) }
}
