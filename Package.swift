// swift-tools-version: 6.2
// Leaf to root; one dependency per line. design.md section 2 is the import table that
// Tests/RepositoryTests holds this file and the sources to.

import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let tomlKit: Target.Dependency = .product(name: "TOMLKit", package: "TOMLKit")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let argumentParser: Target.Dependency = .product(
    name: "ArgumentParser",
    package: "swift-argument-parser"
)

/// A Swift library target with the project's settings.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// An executable target with the project's settings.
func tool(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The tests of one target, or of the whole.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name + "Tests", dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
    name: "mailbroker",
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        .target(name: "CPlatform", cSettings: [.define("_GNU_SOURCE")]),
        module("MailModel", ["CPlatform"]),
        tests("MailModel", ["MailModel"]),
        module("BrokerProtocol", ["MailModel"]),
        module("BrokerClient", ["BrokerProtocol", "MailModel", "CPlatform"]),
        module("BrokerServer", ["BrokerProtocol", "MailModel", "CPlatform", nioCore, nioPosix, logging]),
        module("MailStore", ["MailModel", grdb]),
        .target(
            name: "COpenSSL",
            linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]
        ),
        module("OpenSSLTLS", ["COpenSSL", nioCore]),
        module("SASL", ["MailModel"]),
        module("IMAP", ["MailModel", "SASL"]),
        module("SMTP", ["MailModel", "SASL"]),
        module("MessageFormat", ["MailModel"]),
        module("MailSession", ["IMAP", "SMTP", "SASL", "MailModel", "OpenSSLTLS", nioCore, nioPosix]),
        tests("MailSession", ["MailSession", "IMAP", "MailModel", "MailTestSupport", "SASL", "SMTP"]),
        .target(
            name: "MailTestSupport",
            path: "Tests/MailTestSupport",
            swiftSettings: strict
        ),
        module(
            "BrokerCore",
            [
                "BrokerProtocol", "BrokerServer", "CPlatform", "IMAP", "MailModel", "MailSession",
                "MailStore", "MessageFormat", "SASL", "SMTP", logging, tomlKit,
            ]
        ),
        tests(
            "BrokerCore",
            [
                "BrokerCore", "BrokerProtocol", "IMAP", "MailModel", "MailSession", "MailStore",
                "MailTestSupport", "SASL", logging,
            ]
        ),
        tool(
            "mailbrokerd",
            ["BrokerCore", "BrokerProtocol", "BrokerServer", "CPlatform", "MailStore", logging]
        ),
    ]
)
