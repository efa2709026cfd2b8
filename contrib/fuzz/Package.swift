// swift-tools-version: 6.2

// Fuzz targets (libFuzzer) of what reads data from outside: one executable each, started by `run`
// beside this file. The package has the name of the project's own, and links to its sources,
// because what is tested has `package` access. Not part of the project's package: the sanitizer
// flags are for this one alone.

import PackageDescription

/// The project's settings, and both sanitizers in one flag: of the two that `swift build` makes of
/// `--sanitize fuzzer --sanitize address`, the compiler heeds the last, and nothing is measured.
let strict: [SwiftSetting] = [
    .unsafeFlags(["-sanitize=fuzzer,address"]),
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// gold gives hundreds of warnings about local symbols.
let linking: [LinkerSetting] = [.unsafeFlags(["-use-ld=lld"])]

/// An executable without a main function: libFuzzer brings that.
func fuzzer(_ name: String, _ dependencies: [Target.Dependency] = ["Properties"]) -> Target {
    .executableTarget(
        name: name,
        dependencies: ["Harness"] + dependencies,
        swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])],
        linkerSettings: linking
    )
}

let package = Package(
    name: "mailbroker",
    targets: [
        // What is tested: links to the project's folders and files.
        .target(name: "CPlatform", cSettings: [.define("_GNU_SOURCE")]),
        .target(name: "MailModel", dependencies: ["CPlatform"], swiftSettings: strict),
        .target(
            name: "MessageFormat",
            dependencies: ["MailModel"],
            exclude: ["Quirks.md"],
            swiftSettings: strict
        ),
        .target(name: "TerminalRendering", dependencies: ["CPlatform"], swiftSettings: strict),

        // What must hold of it: a link too, as the tests replay old findings with it.
        .target(
            name: "Properties",
            dependencies: ["MessageFormat", "MailModel"],
            swiftSettings: strict
        ),
        .target(name: "Harness", swiftSettings: strict),

        fuzzer("header-fields"),
        fuzzer("addresses"),
        fuzzer("dates"),
        fuzzer("encoded-words-parameters"),
        fuzzer("transfer-decoding"),
        fuzzer("mime-tree"),
        fuzzer("html-text"),
        fuzzer("file-names"),
        fuzzer("terminal", ["Properties", "TerminalRendering", "CPlatform"]),
    ]
)
