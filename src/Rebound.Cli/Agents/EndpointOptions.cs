using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Agents.Models;
using Rebound.Cli.Options;
using Rebound.Files.Json;
using Rebound.Trajectories.Chat;

namespace Rebound.Cli.Agents;

/// <summary>The options that name a model behind OpenAI's protocol.</summary>
internal sealed class EndpointOptions
{
    /// <summary>Attempts at a request before its episode fails, in unattended runs.</summary>
    public const int PatientAttempts = 10;

    private static readonly TimeSpan FirstRest = TimeSpan.FromMilliseconds(200);

    public readonly Option<string[]> Endpoints;

    public readonly Option<string> KeyVariable = new("--key-variable")
    {
        Description = "The environment variable with the key; several keys are parted by commas",
        HelpName = "NAME",
        DefaultValueFactory = _ => "OPENAI_API_KEY",
    };

    public readonly Option<double> Patience = OptionOf.Number(
        "--request-timeout", "Seconds that an answer may take, or a piece of one that is streamed", 120.0);

    public readonly Option<JsonObject?> ExtraBody = new("--extra-body")
    {
        Description = "A JSON object whose members every request has besides ours, or instead: '{\"top_k\": 20}'",
        HelpName = "JSON",
        CustomParser = ReadObject,
    };

    /// <param name="model">The option that names the model, as its servers know it.</param>
    /// <param name="names">Names of the option for servers.</param>
    public EndpointOptions(string model = "--model", params string[] names)
    {
        string[] all = names.Length > 0 ? names : ["--endpoint"];
        Endpoints = new Option<string[]>(all[0], all[1..])
        {
            Description = $"A server that speaks OpenAI's chat protocol and knows {model} by name; may be given several times",
            HelpName = "URL",
            DefaultValueFactory = _ => ["https://api.openai.com/v1"],
        };
    }

    public Option[] All => [Endpoints, KeyVariable, Patience, ExtraBody];

    /// <summary>
    /// One model of all endpoints and keys: every key at the only endpoint, or one key for each endpoint, or one for all.
    /// </summary>
    /// <param name="model">As the servers name it.</param>
    /// <param name="attempts">How often a request is made before it fails.</param>
    /// <param name="meter">Hears of requests that are made again.</param>
    /// <exception cref="InputException">An address is none, or keys and endpoints do not fit.</exception>
    public EndpointPool Open(CommandContext context, string model, int attempts, ModelMeter meter)
    {
        var addresses = context.Require(Endpoints).Select(Address).ToList();
        var keys = Keys(context).Select(key => new ApiKey(key)).ToList();
        var endpoints = (addresses.Count, keys.Count) switch
        {
            (_, 0) => addresses.Select(address => new Endpoint(address, null)),
            (1, _) => keys.Select(key => new Endpoint(addresses[0], key)),
            (_, 1) => addresses.Select(address => new Endpoint(address, keys[0])),
            var (places, secrets) when places == secrets => addresses.Zip(keys, (address, key) => new Endpoint(address, key)),
            var (places, secrets) => throw new InputException(
                $"{places} endpoints and {secrets} keys in {context.Require(KeyVariable)} do not fit: give one key, or one for each."),
        };
        var patience = TimeSpan.FromSeconds(context.Require(Patience));
        var extra = context.Get(ExtraBody);
        return new EndpointPool(
            endpoints.Select(endpoint => (endpoint with { ExtraBody = extra, Tell = context.Terminal.Note }).CreateClient(model, patience)),
            attempts, FirstRest, TimeProvider.System, meter, context.Terminal.Note);
    }

    /// <summary>Whether the environment has a key to ask servers with.</summary>
    public bool HasKey(CommandContext context) => Keys(context).Length > 0;

    private string[] Keys(CommandContext context) => (Environment.GetEnvironmentVariable(context.Require(KeyVariable)) ?? "")
        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private Uri Address(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address!
            : throw new InputException($"{Endpoints.Name} {text} is no address that begins with http:// or https://.");

    private static JsonObject? ReadObject(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        var problem = "";
        try
        {
            if (StrictJson.ParseNode(text) is JsonObject read)
            {
                return read;
            }
        }
        catch (JsonException e)
        {
            problem = $" ({JsonProblem.Sentence(e)})";
        }

        result.AddError($"--extra-body {text} is no JSON object{problem}; one is written as '{{\"top_k\": 20}}'.");
        return null;
    }
}
