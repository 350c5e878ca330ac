//  Rules of the contract that no request to this server can show, each with the reason.

extension Rule {
    private static let files = "files are nginx's to send, and tested with it; who may have them is tested with the kit"
    private static let timeRanges = "lists by time are tested with call detail records"
    private static let factors = "logins with a second factor are tested with SecondFactorLogin"
    private static let restrictions = "the matrix of restrictions is tested with TokenRestrictions"
    private static let noBilling = "there are no services and no billing"
    private static let noStoreFault =
        "the store does not fail here; its failures are tested with it, and their form "
        + "with APIError"

    /// Numbers of rules, and why they have no row.
    static let elsewhere: [String: String] = [
        "0.4": "crashes of modules are what the rule describes; nothing here crashes, and a fault of ours answers 500 "
            + "with its own message",
        "1.3.4": "that such modules take all further words is tested with Vocabulary",
        "1.5.3": noStoreFault,
        "1.6.2": "the front end knows the client's address, and is tested with nginx",
        "1.6.6": "ports and compression are the front end's",
        "2.1.3": "no action answers before it is done",
        "2.2.4": "its first half has a row under 2.2.1; its second describes empty bodies, which we never send",
        "3.5.3": "only cdrs have display names for columns, which are tested with them",
        "3.5.4": "no endpoint makes its own lines",
        "3.6.1": files, "3.6.2": files, "3.6.3": files,
        "5.1.4": "has rows under 5.1.1 and 5.2.1",
        "5.3.5": "no field of boxes is deprecated here",
        "5.4.2": "the second factor is tested with SecondFactorLogin",
        "5.4.9": "a plugin without its schema stops the server's start, which is tested with the registry",
        "5.4.11": "extensions are tested with JSONSchema, the modules of callflows with them",
        "5.5.3": "as 5.4.2", "5.5.5": "the matrix of restrictions is tested with TokenRestrictions",
        "5.5.7": "lists of ids are tested with voicemail", "5.5.8": "keys are tested with the logins",
        "5.5.14": noBilling, "5.5.15": noBilling, "5.5.16": noBilling,
        "5.5.18": "no endpoint is retired", "5.5.19": "no endpoint has moved",
        "5.5.21": "refusing a flood is tested with Identity, which counts logins",
        "5.5.22": "there are no bulk operations and no endpoint that takes two representations of one thing",
        "5.5.26": "no endpoint asks another server", "5.5.27": noStoreFault, "5.5.28": noStoreFault,
        "5.5.29": noStoreFault, "5.5.30": "its 409 has a row under 5.5.13; no endpoint answers `invalid data`",
        "5.5.31": "what only a telephone system can do is 501", "5.5.32": "no endpoint asks a telephone system",
        "5.5.33": "every error has a clause of its own: the compiler insists", "5.5.34": "advice to clients",
        "5.6.1": noBilling, "5.6.2": noBilling,
        "6.1.4": "lists never hold rows of deleted documents", "6.1.5": "no endpoint has a limit of its own",
        "6.4.1": timeRanges, "6.4.2": timeRanges, "6.4.3": timeRanges, "6.4.4": timeRanges,
        "6.4.5": timeRanges, "6.4.6": timeRanges, "6.4.7": timeRanges,
        "6.7.2": "`chunk_size` belongs to answers in Crossbar's chunks, which rule 6.7.6 lets us leave out",
        "6.7.3": "as 6.7.2", "6.7.4": "as 6.7.2", "6.7.5": "as 6.7.2",
        "7.15": "ids of calls have no month in front here",
        "7.16": "messages are documents; their lists have the filters of all",
        "8.3.3": "paths through a user are tested with the kit's views",
        "8.4.12": "there is no telephone system to be told to sync", "8.4.13": noBilling,
        "8.6.6": "tested with voicemail and with the security settings", "8.7.1": files,
        "9.3.8": "how often a login may fail is tested with LoginThrottle; one that succeeds takes nothing",
        "9.6.3": "there is no login by address, which would make everybody behind one address an administrator",
        "9.8.5": "ids work once, for an hour, which is tested with Recovery",
        "9.10.1": factors, "9.10.2": factors, "9.10.3": factors, "9.10.4": factors,
        "9.12.1": restrictions, "9.12.2": restrictions, "9.12.3": restrictions, "9.12.4": restrictions,
        "9.12.5": restrictions, "9.12.6": restrictions, "9.12.7": restrictions, "9.12.8": restrictions,
        "9.12.9": restrictions,
        "9.13.2": "there is one cost for all, which is a setting of the server",
        "9.13.6": "no plugin limits the calls of telephones",
    ]
}
