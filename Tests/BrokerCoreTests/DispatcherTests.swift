// Facts about the table of methods.

import BrokerProtocol
import Foundation
import Logging
import MailStore
import Testing

@testable import BrokerCore

@Suite struct DispatcherTests {
    @Test("every method of the table has a handler, and every handler stands in the table")
    func complete() async throws {
        let directory = NSTemporaryDirectory()
        let broker = try await Broker(
            Broker.Environment(
                server: "test",
                configurationFile: directory + "/no-such-file.toml",
                spoolDirectory: directory,
                socket: "",
                pid: 1,
                clientCount: { 0 },
                stop: {}
            ),
            store: try MailStore(path: directory + "/dispatcher-\(UUID().uuidString).db"),
            outbox: try Outbox(path: directory + "/dispatcher-\(UUID().uuidString).outbox.db"),
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let dispatcher = Dispatcher(broker)
        #expect(dispatcher.methods == Set(MethodTable.all.map(\.name)))
    }
}
