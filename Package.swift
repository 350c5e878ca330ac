// swift-tools-version: 6.2
//  The targets of Jackfield and the direction in which they depend on each other; there is no way back.

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")

let package = Package(
    name: "jackfield",
    products: [.executable(name: "jackfield", targets: ["jackfield"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    ],
    targets: [
        // Bytes as text, and bytes that nobody can foretell.
        .target(name: "Bytes", swiftSettings: settings),
        // JSON text and values: strict, exact, ordered.
        .target(name: "JSON", swiftSettings: settings),
        // JSON Schema draft 4, compiled once, speaking Crossbar's validation language.
        .target(name: "JSONSchema", dependencies: ["JSON"], swiftSettings: settings),
        // A request and a response, independent of what carries them.
        .target(name: "HTTPMessage", dependencies: ["JSON", httpTypes], swiftSettings: settings),
        // The FastCGI protocol library.
        .systemLibrary(name: "CFastCGI", providers: [.apt(["libfcgi-dev"])]),
        // The accept loop: from a socket to a Request, from a Response to the socket.
        .target(name: "FastCGI", dependencies: ["CFastCGI", "HTTPMessage", logging], swiftSettings: settings),
        // Argon2id and constant-time comparison.
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        // Who asks: credentials at rest, tokens, principals.
        .target(
            name: "Identity",
            dependencies: ["Bytes", "CSodium", "HTTPMessage", "JSON", crypto],
            resources: [.embedInCode("common_passwords.txt")],
            swiftSettings: settings
        ),
        // The protocol of the store: documents, list rows, unique keys, events, one atomic commit.
        .target(name: "DocumentStore", dependencies: ["Bytes", "JSON", crypto], swiftSettings: settings),
        // The embedded engine of the store.
        .target(
            name: "SQLiteStore",
            dependencies: ["Bytes", "DocumentStore", "JSON", crypto, grdb, grdbSQLite],
            swiftSettings: settings
        ),
        // From a Request to an endpoint and back: path, envelope, tunnels, negotiation, errors, rendering.
        .target(
            name: "Gateway",
            dependencies: ["Bytes", "HTTPMessage", "Identity", "JSON", httpTypes],
            swiftSettings: settings
        ),
        // AMQP 0-9-1.
        .systemLibrary(name: "CRabbitMQ", pkgConfig: "librabbitmq", providers: [.apt(["librabbitmq-dev"])]),
        // HTTP, as a client.
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        // From the outbox to the world: the events socket and, at its other end, the relay's consumers.
        .target(
            name: "Events",
            dependencies: ["Bytes", "CCurl", "CRabbitMQ", "DocumentStore", "JSON", crypto],
            swiftSettings: settings
        ),
        // What a plugin is made of: Resource, Service, DAO, Notifier, Validator.
        .target(
            name: "PluginKit",
            dependencies: ["Bytes", "DocumentStore", "Gateway", "Identity", "JSON", "JSONSchema", crypto, httpTypes],
            swiftSettings: settings
        ),
        // What people with a browser see: lists, documents and forms, derived from the declarations of the plugins.
        .target(
            name: "Pages",
            dependencies: [
                "DocumentStore", "Gateway", "Identity", "JSON", "JSONSchema", "PluginKit", httpTypes, mustache,
            ],
            resources: [.embedInCode("Templates")],
            swiftSettings: settings
        ),
        // QR codes.
        .systemLibrary(name: "CQRCode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
        // The resources, a folder each.
        .target(
            name: "Plugins",
            dependencies: ["Bytes", "CQRCode", "PluginKit", "Identity"],
            swiftSettings: settings,
            plugins: ["PluginIndex"]
        ),
        // Lists the folders of Plugins and embeds their schemas, at build time.
        .plugin(
            name: "PluginIndex",
            capability: .buildTool(),
            dependencies: ["plugin-index"],
            path: "Sources/PluginIndex"
        ),
        .executableTarget(name: "plugin-index", path: "Sources/PluginIndexTool", swiftSettings: settings),
        // The command line and the daemon.
        .executableTarget(
            name: "jackfield",
            dependencies: [
                "DocumentStore", "Events", "FastCGI", "Gateway", "HTTPMessage", "Identity", "JSON", "JSONSchema",
                "Pages",
                "PluginKit", "Plugins", "SQLiteStore", argumentParser, configuration, coreMetrics, crypto, httpTypes,
                logging,
            ],
            swiftSettings: settings
        ),

        .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: settings),
        .testTarget(name: "JSONSchemaTests", dependencies: ["JSONSchema"], swiftSettings: settings),
        // The web server's side of FastCGI, for tests that leave the web server out.
        .target(
            name: "TestFrontEnd",
            dependencies: ["CFastCGI"],
            path: "Tests/TestFrontEnd",
            swiftSettings: settings
        ),
        .testTarget(
            name: "FastCGITests",
            dependencies: ["CFastCGI", "FastCGI", "HTTPMessage", "TestFrontEnd", httpTypes, logging],
            swiftSettings: settings
        ),
        // A stand-in for the daemon, for the tests of nginx's side.
        .executableTarget(
            name: "EchoResponder",
            dependencies: ["FastCGI", "HTTPMessage", httpTypes, logging],
            path: "Tests/EchoResponder",
            swiftSettings: settings
        ),
        .testTarget(name: "NginxTests", dependencies: ["EchoResponder"], swiftSettings: settings),
        .testTarget(name: "IdentityTests", dependencies: ["Bytes", "Identity"], swiftSettings: settings),
        .testTarget(
            name: "StoreTests",
            dependencies: ["DocumentStore", "JSON", "SQLiteStore", "StoreFaults"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "GatewayTests",
            dependencies: ["Gateway", "HTTPMessage", "JSON", httpTypes],
            swiftSettings: settings
        ),
        // The whole server in process, for tests of what all of it does together.
        .target(
            name: "TestServer",
            dependencies: [
                "DocumentStore", "HTTPMessage", "Identity", "Pages", "PluginKit", "Plugins", "SQLiteStore",
            ],
            path: "Tests/TestServer",
            swiftSettings: settings
        ),
        .testTarget(
            name: "PluginKitTests",
            dependencies: [
                "DocumentStore", "HTTPMessage", "Identity", "PluginKit", "Plugins", "SQLiteStore", "TestServer",
            ],
            swiftSettings: settings
        ),
        // What single plugins do beyond what all of them owe.
        .testTarget(
            name: "PluginsTests",
            dependencies: ["Identity", "PluginKit", "Plugins", "TestServer"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PagesTests",
            dependencies: [
                "Gateway", "HTTPMessage", "JSON", "JSONSchema", "Pages", "PluginKit", "Plugins", "TestServer",
            ],
            swiftSettings: settings
        ),
        // From a commit to a broker, a webhook and a reload request, with everything killed in between.
        .testTarget(
            name: "EventsTests",
            dependencies: [
                "CRabbitMQ", "DocumentStore", "Events", "FastCGI", "JSON", "PluginKit", "Plugins", "SQLiteStore",
                "TestFrontEnd", "TestServer",
            ],
            swiftSettings: settings
        ),
        // Crossbar's wire contract, rule by rule.
        .testTarget(
            name: "ContractTests",
            dependencies: ["Gateway", "HTTPMessage", "JSON", "PluginKit", "SQLiteStore", "TestServer"],
            swiftSettings: settings
        ),
        // A workload for the store whose promises are checked after faults.
        .executableTarget(
            name: "StoreFaults",
            dependencies: ["DocumentStore", "JSON", "SQLiteStore"],
            path: "Tests/faults",
            exclude: ["shim.c", "sweep"],
            swiftSettings: settings
        ),
        // The server as a process of its own, without a front end: killed, out of room, watched, reloaded.
        .testTarget(
            name: "ServerTests",
            dependencies: ["DocumentStore", "FastCGI", "Identity", "JSON", "SQLiteStore", "TestServer", "jackfield"],
            swiftSettings: settings
        ),
        // What it costs to know who asks, in numbers.
        .executableTarget(
            name: "IdentityBench",
            dependencies: ["Identity"],
            path: "Tests/bench/identity",
            exclude: ["run"],
            swiftSettings: settings
        ),
        // What the store costs, in numbers.
        .executableTarget(
            name: "StoreBench",
            dependencies: ["Bytes", "DocumentStore", "JSON", "SQLiteStore", grdbSQLite],
            path: "Tests/bench/store",
            exclude: ["run"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["CCurl", "Identity", "JSON", "TestServer", crypto],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
