// Handlers of the methods about the broker and its accounts.

import BrokerProtocol
import BrokerServer
import MailModel

extension Dispatcher {
    mutating func addBrokerMethods(of broker: Broker) {
        let environment = broker.environment
        on(Hello.self) { _, _ in
            Hello.Result(server: environment.server, capabilities: ["octets", "events"])
        }
        on(Status.self) { _, _ in
            Status.Result(
                pid: environment.pid,
                started: broker.started,
                socket: environment.socket,
                clients: environment.clientCount(),
                accounts: await broker.accountStatuses()
            )
        }
        on(AccountLogin.self) { params, context in
            guard !params.address.isEmpty else {
                throw BrokerError(.requestInvalid, "the address is empty", field: "address")
            }
            var secret: Secret?
            if let stream = params.secretStream {
                let given = try await context.secret(ofUpload: stream)
                guard given.count > 0 else {
                    throw BrokerError(.requestInvalid, "the password is empty", field: "password")
                }
                secret = given
            }
            return try await broker.account(toLogIn: params.address).login(secret)
        }
        on(AccountLogout.self) { params, _ in
            try await broker.account(params.account).logout()
        }
        on(EventsSubscribe.self) { params, context in
            let (result, lines) = broker.hub.subscribe(after: params.after)
            await context.sendNotifications(lines)
            return result
        }
        on(BrokerStop.self) { _, _ in
            environment.stop()
            return Empty()
        }
    }
}
