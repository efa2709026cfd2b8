// swift-tools-version: 6.2

// Leaf to root, each target beside its tests. What may import what stands in design.md section 2
// and Sources/mailbrokerd/decisions/0001; Tests/RepositoryTests holds the sources to it.

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
func module(
    _ name: String,
    _ dependencies: [Target.Dependency] = [],
    exclude: [String] = []
) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

/// An executable target with the project's settings.
func tool(
    _ name: String,
    _ dependencies: [Target.Dependency],
    exclude: [String] = []
) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies,
        exclude: exclude,
        swiftSettings: strict
    )
}

/// The tests of one target, or of the whole.
func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(name: name + "Tests", dependencies: dependencies, swiftSettings: strict)
}

let package = Package(
    name: "mailbroker",
    products: [
        .executable(name: "mailbrokerd", targets: ["mailbrokerd"]),
        .executable(name: "mb", targets: ["mb"]),
        .executable(name: "mb-console", targets: ["mb-console"]),
        .executable(name: "mb-fetch", targets: ["mb-fetch"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        // Level 0: the vocabulary, and C where Swift does not reach.
        .target(name: "CPlatform", cSettings: [.define("_GNU_SOURCE")]),
        .target(
            name: "COpenSSL",
            linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]
        ),
        .target(name: "CReadline", linkerSettings: [.linkedLibrary("readline")]),
        .target(name: "CZlib", linkerSettings: [.linkedLibrary("z")]),
        module("MailModel", ["CPlatform"]),
        tests("MailModel", ["MailModel"]),
        module("SASL", ["MailModel"]),
        tests("SASL", ["SASL", "MailModel"]),

        // Level 1: formats and protocols, each alone.
        module("MessageFormat", ["MailModel"], exclude: ["Quirks.md"]),
        tests("MessageFormat", ["MessageFormat", "MailModel"]),
        module("IMAP", ["MailModel", "SASL"]),
        tests("IMAP", ["IMAP", "MailModel", "SASL"]),
        module("SMTP", ["MailModel", "SASL"]),
        tests("SMTP", ["SMTP", "MailModel", "SASL"]),
        module("MailStore", ["MailModel", grdb]),
        tests("MailStore", ["MailStore", "MailModel", grdb]),
        module("BrokerProtocol", ["MailModel"]),
        tests("BrokerProtocol", ["BrokerProtocol", "MailModel"]),
        module("OpenSSLTLS", ["COpenSSL", nioCore]),
        tests("OpenSSLTLS", ["OpenSSLTLS", "COpenSSL", nioCore, nioEmbedded, nioPosix]),

        // Level 2: one end of a socket each.
        module("BrokerClient", ["BrokerProtocol", "MailModel", "CPlatform"]),
        tests("BrokerClient", ["BrokerClient", "BrokerProtocol", "MailModel", "CPlatform"]),
        module(
            "BrokerServer",
            ["BrokerProtocol", "MailModel", "CPlatform", nioCore, nioPosix, logging]
        ),
        tests(
            "BrokerServer",
            ["BrokerServer", "BrokerProtocol", "MailModel", "CPlatform", logging]
        ),
        module(
            "MailSession",
            [
                "CPlatform", "CZlib", "IMAP", "SMTP", "SASL", "MailModel", "OpenSSLTLS", nioCore,
                nioPosix,
            ]
        ),
        tests(
            "MailSession",
            [
                "MailSession", "IMAP", "MailModel", "MailTestSupport", "SASL", "SMTP", nioCore,
                nioPosix,
            ]
        ),

        // Level 3: what the broker and the front ends do.
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
        module(
            "FrontEnd",
            ["BrokerClient", "BrokerProtocol", "MailModel", "CPlatform", argumentParser]
        ),
        tests(
            "FrontEnd",
            [
                "FrontEnd", "BrokerClient", "BrokerProtocol", "CPlatform", "MailModel",
                argumentParser,
            ]
        ),

        // The programs: composition only.
        tool(
            "mailbrokerd",
            ["BrokerCore", "BrokerProtocol", "BrokerServer", "CPlatform", "MailStore", logging],
            exclude: ["Protocol.md", "decisions"]
        ),
        tool("mb", ["FrontEnd"]),
        tool("mb-console", ["FrontEnd", "CReadline", argumentParser]),
        tool("mb-fetch", ["FrontEnd"]),

        // The whole.
        .target(
            name: "MailTestSupport",
            dependencies: ["CZlib"],
            path: "Tests/MailTestSupport",
            swiftSettings: strict
        ),
        tests("Repository", ["BrokerProtocol"]),
        tests("EndToEnd", ["MailTestSupport"]),
    ]
)
