//  Rules of the contract that no request to this server can show, each with the reason.

extension Rule {
    private static let noAttachments = "no resource has attachments yet"
    private static let noTimeRanges = "no resource has a list by time yet; cdrs and voicemail messages will"
    private static let noBilling = "there are no services and no billing"
    private static let noStoreFault =
        "the store does not fail here; its failures are tested with it, and their form "
        + "with APIError"

    /// Numbers of rules, and why they have no row.
    static let elsewhere: [String: String] = [
        "0.4": "crashes of modules are what the rule describes; nothing here crashes, and a fault of ours answers 500 "
            + "with its own message",
        "1.3.4": "there is no schemas endpoint yet; that such modules take all further words is tested with Vocabulary",
        "1.5.3": noStoreFault,
        "1.6.2": "the front end knows the client's address, and is tested with nginx",
        "1.6.6": "ports and compression are the front end's",
        "2.1.3": "no action answers before it is done",
        "2.2.4": "its first half has a row under 2.2.1; its second describes empty bodies, which we never send",
        "3.5.3": "only cdrs have display names for columns",
        "3.5.4": "only cdrs make their own lines",
        "3.6.1": noAttachments, "3.6.2": noAttachments, "3.6.3": noAttachments,
        "5.1.4": "has rows under 5.1.1 and 5.2.1",
        "5.3.5": "there are no vmboxes yet",
        "5.4.2": "there is no second factor yet",
        "5.4.9": "a plugin without its schema stops the server's start, which is tested with the registry",
        "5.4.11": "there are no callflows yet; extensions are tested with JSONSchema",
        "5.5.3": "there is no second factor yet", "5.5.5": "there are no token restrictions yet",
        "5.5.7": "no endpoint takes a list of ids", "5.5.8": "there is no api_auth yet",
        "5.5.14": noBilling, "5.5.15": noBilling, "5.5.16": noBilling,
        "5.5.18": "no endpoint is retired", "5.5.19": "no endpoint has moved",
        "5.5.21": "refusing a flood is tested with Identity, which counts logins",
        "5.5.22": "there are no bulk operations and no endpoint that takes two representations of one thing",
        "5.5.26": "no endpoint asks another server", "5.5.27": noStoreFault, "5.5.28": noStoreFault,
        "5.5.29": noStoreFault, "5.5.30": "its 409 has a row under 5.5.13; no endpoint answers `invalid data`",
        "5.5.31": "devices have no actions yet", "5.5.32": "no endpoint asks a telephone system",
        "5.5.33": "every error has a clause of its own: the compiler insists", "5.5.34": "advice to clients",
        "5.6.1": noBilling, "5.6.2": noBilling,
        "6.1.4": "lists never hold rows of deleted documents", "6.1.5": "no endpoint has a limit of its own",
        "6.4.1": noTimeRanges, "6.4.2": noTimeRanges, "6.4.3": noTimeRanges, "6.4.4": noTimeRanges,
        "6.4.5": noTimeRanges, "6.4.6": noTimeRanges, "6.4.7": noTimeRanges,
        "6.7.2": "`chunk_size` belongs to answers in Crossbar's chunks, which rule 6.7.6 lets us leave out",
        "6.7.3": "as 6.7.2", "6.7.4": "as 6.7.2", "6.7.5": "as 6.7.2",
        "7.15": "there are no cdrs yet", "7.16": "there are no voicemail messages yet",
        "8.3.3": "no path goes through a user to what belongs to the user yet",
        "8.4.12": "there is no telephone system to be told to sync", "8.4.13": noBilling,
        "8.6.6": "there are no vmboxes and no security settings yet", "8.7.1": noAttachments,
    ]
}
