// swift-tools-version: 6.2

// A small program that measures MessageFormat: a package of its own, so that the product is not built
// with it, and over links to the sources, so that it sees what only the product sees.

import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "mailbroker",
    targets: [
        .target(name: "CPlatform", cSettings: [.define("_GNU_SOURCE")]),
        .target(name: "MailModel", dependencies: ["CPlatform"], swiftSettings: strict),
        .target(
            name: "MessageFormat",
            dependencies: ["MailModel"],
            exclude: ["Quirks.md"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "mime-measure",
            dependencies: ["MessageFormat", "MailModel"],
            swiftSettings: strict
        ),
    ]
)
