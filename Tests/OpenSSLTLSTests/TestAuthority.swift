// Certificates for the tests, made once per run by the openssl command in a directory of its own,
// which goes when the process ends. Nothing of the code under test takes part in making them.
import Foundation
import Glibc

/// A certificate authority of the tests and the server certificates it has signed.
struct TestAuthority: Sendable {
    /// One authority for all suites of the process.
    static let shared: Result<TestAuthority, any Error> = Result { try TestAuthority() }

    enum Certificate: String, CaseIterable, Sendable {
        case good, rsa, expired, future, selfSigned, wrongHost, commonNameOnly, partialWildcard
        case partialWildcardLabel, wildcard, addressOnly, addressAsName, clientOnly, foreign
        case expiredIssuer, withoutIssuer
    }

    private static let directory = NSTemporaryDirectory() + "openssltls-\(getpid())"

    let directory: String

    /// The PEM file of the authority that clients trust.
    var authorityFile: String { directory + "/ca.pem" }

    /// The PEM chain of a server certificate.
    func chainFile(_ certificate: Certificate) -> String {
        "\(directory)/\(certificate.rawValue).pem"
    }

    /// The PEM private key of a server certificate.
    func keyFile(_ certificate: Certificate) -> String {
        certificate == .rsa ? directory + "/rsa.key" : directory + "/leaf.key"
    }

    /// SHA-256 of the SubjectPublicKeyInfo, worked out by the openssl command.
    func publicKeyDigest(_ certificate: Certificate) throws -> [UInt8] {
        let path = keyFile(certificate) + ".digest"
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private init() throws {
        directory = Self.directory
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        atexit { try? FileManager.default.removeItem(atPath: TestAuthority.directory) }
        try write("", to: "index.txt")
        try write(Self.configuration(directory), to: "ca.cnf")
        for name in ["ca", "other", "old", "leaf"] { try makeKey(name) }
        try Self.openssl([
            "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out",
            directory + "/rsa.key",
        ])
        // Tests run at the same time: the files they read are all made here.
        for key in [keyFile(.good), keyFile(.rsa)] {
            let spki = key + ".spki"
            try Self.openssl(["pkey", "-in", key, "-pubout", "-outform", "DER", "-out", spki])
            try Self.openssl(["dgst", "-sha256", "-binary", "-out", key + ".digest", spki])
        }
        for name in ["ca", "other"] { try makeRoot(name) }
        try sign(
            "old",
            subject: "Old Test CA",
            extensions: "basicConstraints=critical,CA:true\nkeyUsage=keyCertSign",
            from: "20150101000000Z",
            to: "20190304000000Z"
        )
        try makeServerCertificates()
    }

    private func makeServerCertificates() throws {
        let both = "DNS:localhost,IP:127.0.0.1"
        try server(.good, names: both)
        try server(.rsa, names: both, key: "rsa")
        try server(.expired, names: both, from: "20200101000000Z", to: "20210203000000Z")
        try server(.future, names: both, from: "20900405000000Z", to: "20910101000000Z")
        try server(.wrongHost, names: "DNS:other.example,IP:192.0.2.7")
        try server(.commonNameOnly, names: nil, subject: "localhost")
        try server(.partialWildcard, names: "DNS:l*alhost")
        try server(.partialWildcardLabel, names: "DNS:im*.good.example")
        try server(.wildcard, names: "DNS:*.good.example")
        try server(.addressOnly, names: "IP:127.0.0.1")
        try server(.addressAsName, names: "DNS:127.0.0.1")
        try server(.clientOnly, names: both, usage: "clientAuth")
        try server(.foreign, names: both, issuer: "other")
        try server(.expiredIssuer, names: both, issuer: "old")
        try server(.withoutIssuer, names: both, issuer: "old")
        let chain = try text("expiredIssuer.pem") + text("old.pem")
        try write(chain, to: "expiredIssuer.pem")
        try Self.openssl([
            "req", "-x509", "-config", directory + "/ca.cnf", "-key", directory + "/leaf.key",
            "-subj", "/CN=localhost", "-days", "30", "-addext", "subjectAltName=\(both)", "-out",
            chainFile(.selfSigned),
        ])
    }

    private func server(
        _ certificate: Certificate,
        names: String?,
        subject: String = "test server",
        issuer: String = "ca",
        key: String = "leaf",
        usage: String = "serverAuth",
        from: String = "20200101000000Z",
        to: String = "20991231000000Z"
    ) throws {
        var extensions = "basicConstraints=CA:false\nextendedKeyUsage=\(usage)\n"
        if let names { extensions += "subjectAltName=\(names)\n" }
        try sign(
            certificate.rawValue,
            subject: subject,
            extensions: extensions,
            issuer: issuer,
            key: key,
            from: from,
            to: to
        )
    }

    private func sign(
        _ name: String,
        subject: String,
        extensions: String,
        issuer: String = "ca",
        key: String? = nil,
        from: String,
        to: String
    ) throws {
        let path = directory + "/"
        try write(extensions, to: name + ".ext")
        try Self.openssl([
            "req", "-new", "-config", path + "ca.cnf", "-key", path + (key ?? name) + ".key",
            "-subj", "/CN=" + subject, "-out", path + name + ".csr",
        ])
        try Self.openssl([
            "ca", "-batch", "-notext", "-config", path + "ca.cnf", "-cert", path + issuer + ".pem",
            "-keyfile", path + issuer + ".key", "-extfile", path + name + ".ext", "-startdate",
            from, "-enddate", to, "-in", path + name + ".csr", "-out", path + name + ".pem",
        ])
    }

    private func makeRoot(_ name: String) throws {
        try Self.openssl([
            "req", "-x509", "-config", directory + "/ca.cnf", "-extensions", "root", "-key",
            "\(directory)/\(name).key", "-subj", "/CN=Test CA \(name)", "-days", "30", "-out",
            "\(directory)/\(name).pem",
        ])
    }

    private func makeKey(_ name: String) throws {
        try Self.openssl([
            "genpkey", "-quiet", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-out", "\(directory)/\(name).key",
        ])
    }

    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: directory + "/" + name))
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOfFile: directory + "/" + name, encoding: .utf8)
    }

    private static func configuration(_ directory: String) -> String {
        """
        [req]
        distinguished_name = name
        [name]
        [root]
        basicConstraints = critical,CA:true
        keyUsage = keyCertSign,cRLSign
        subjectKeyIdentifier = hash
        [ca]
        default_ca = test
        [test]
        database = \(directory)/index.txt
        new_certs_dir = \(directory)
        rand_serial = yes
        unique_subject = no
        default_md = sha256
        policy = any
        [any]
        commonName = supplied

        """
    }

    struct ToolFailure: Error {
        let arguments: [String]
        let status: Int32
        let output: String
    }

    private static func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = output
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ToolFailure(
                arguments: arguments,
                status: process.terminationStatus,
                output: String(decoding: said, as: UTF8.self)
            )
        }
    }
}
