using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Cli.Data;
using Rebound.Cli.Machine;
using Rebound.Cli.Options;
using Rebound.Cli.Paths;
using Rebound.Cli.Terminal;
using Rebound.Hub;
using Rebound.Hub.Cache;

namespace Rebound.Cli.Hub;

/// <summary><c>rebound push</c>: uploads a model, an adapter or a GGUF file to the Hugging Face hub, with a model card.</summary>
internal static class PushCommand
{
    public static readonly Option<bool> ReplaceCard = new("--replace-card")
    {
        Description = "Replace the model card (README.md) that the hub has; without it that one stays",
    };

    private static readonly Argument<string?> Model = new("model")
    {
        HelpName = "PATH",
        Description = "The model: a Hugging Face folder, an adapter's folder, the output of a training, or a .gguf file",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Argument<string?> Name = new("name")
    {
        HelpName = "OWNER/NAME",
        Description = "Its name on the hub, which is made where it is not there",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> Private = new("--private")
    {
        Description = "Make the repository private; one that everybody can see is refused then",
    };

    private static readonly Option<string> Revision = new("--revision")
    {
        HelpName = "NAME",
        Description = "The branch, which is made where it is not there",
        DefaultValueFactory = _ => HubCache.Main,
    };

    private static readonly Option<string?> Message = OptionOf.Text("--message", "TEXT", "The commit's message (default: Upload NAME)");

    private static readonly Option<string?> Card = OptionOf.Text(
        "--card", "FILE", "Take this model card; without it the folder's README.md, and where there is none one is written");

    private static readonly Option<string?> BaseModel = OptionOf.Text(
        "--base-model", "OWNER/NAME", "The model that it was trained on, by its name on the hub (default: as its files have it)");

    private static readonly Option<string?> License = OptionOf.Text(
        "--license", "ID", "The licence in the card that is written, such as apache-2.0 (default: the base model's, where it is known)");

    private static readonly Option<string[]> Datasets = new("--dataset")
    {
        HelpName = "OWNER/NAME",
        Description = "A data set on the hub that it was trained on, for the card that is written; may be given several times",
    };

    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "Show what would be uploaded, and the card; nobody is asked for anything",
    };

    public static CliCommand Create() => new("push", "Upload a model or an adapter to the Hugging Face hub, with a model card", Run)
    {
        Arguments = { Model, Name },
        MoreOptions =
            [Private, Revision, Message, Card, ReplaceCard, BaseModel, License, Datasets, DryRun, SharedOptions.Json],
        Needs =
        [
            new Need("the model, an adapter or a .gguf file", Model),
            new Need("the model's name on the hub, such as me/my-agent", Name),
        ],
        Details = "Weights, configurations, tokenizer, templates, the agent card, licence and model card are uploaded, and nothing else of "
            + "the folder: no checkpoints, states of optimizers, options or logs. Paths of this machine are replaced by names. What is "
            + "on the hub already is not sent again, and a push that ended is gone on with. HF_TOKEN or the hub's token file has to "
            + "hold a token that may write. docs/models.md has the rest.",
        Examples =
        [
            "rebound push agent me/my-agent --private",
            "rebound push agent.Q4_K_M.gguf me/my-agent-GGUF --base-model me/my-agent",
            "rebound push agent me/my-agent --dry-run",
        ],
    };

    private static int Run(CommandContext context)
    {
        var name = Named(context.Get(Name)!, "NAME");
        var baseModel = context.Get(BaseModel) is { } given ? Named(given, BaseModel.Name).Repository : null;
        var pushed = PushedModel.Open(context.Get(Model)!, baseModel);
        var (card, origin) = CardOf(context, pushed, name);
        PushFile[] files = [PushFile.OfBytes(CardMetadata.FileName, card), .. pushed.Files()];
        if (pushed.Contents.Form == ModelForm.Adapter && pushed.Base is null)
        {
            context.Terminal.Warn([
                $"the adapter was trained on '{pushed.TrainedOn ?? "nothing that it names"}', which others do not have; "
                    + $"{BaseModel.Name} OWNER/NAME says where they find it."]);
        }

        return context.Get(DryRun) ? Show(context, name, files, card, origin) : Push(context, name, files);
    }

    private static HubReference Named(string text, string what) =>
        HubReference.Find(text) is { Selector: null } name ? name : throw new InputException(
            $"{what} is '{text}', and has to be OWNER/NAME, for example me/my-agent.");

    private static (byte[] Content, string Origin) CardOf(CommandContext context, PushedModel pushed, HubReference name)
    {
        if (context.Get(Card) is { } file)
        {
            PathChecks.RequireInput(file);
            return (File.ReadAllBytes(file), file);
        }

        var own = Path.Combine(pushed.Location, CardMetadata.FileName);
        if (File.Exists(own))
        {
            return (File.ReadAllBytes(own), own);
        }

        var choices = new CardChoices(context.Get(License), context.Get(Datasets) ?? []);
        return (Encoding.UTF8.GetBytes(new ModelCard(pushed, name, choices).Write()), "written");
    }

    private static int Show(CommandContext context, HubReference name, PushFile[] files, byte[] card, string origin)
    {
        var sizes = files.Select(file => (file.Path, Bytes: file.Length())).ToArray();
        if (context.Get(SharedOptions.Json))
        {
            context.Terminal.WriteJson(new JsonObject
            {
                ["name"] = name.Repository,
                ["revision"] = context.Require(Revision),
                ["bytes"] = sizes.Sum(file => file.Bytes),
                ["files"] = new JsonArray(
                    [.. sizes.Select(file => new JsonObject { ["path"] = file.Path, ["bytes"] = file.Bytes })]),
                ["card"] = Encoding.UTF8.GetString(card),
            });
            return ExitCode.Done;
        }

        var table = DataTable.Create("files", "size");
        foreach (var (path, bytes) in sizes)
        {
            DataTable.AddRow(table, path, Fact.Bytes(bytes));
        }

        context.Terminal.Write(table);
        context.Terminal.Say(
            $"{CountText.Of(sizes.Length, "file")}, {Fact.Bytes(sizes.Sum(file => file.Bytes))}, for {name.Repository}. "
                + $"The model card ({origin}):");
        context.Terminal.Say("");
        foreach (var line in Encoding.UTF8.GetString(card).TrimEnd().Split('\n'))
        {
            context.Terminal.Output.WriteLine(context.Terminal.Output.Shown(line));
        }

        return ExitCode.Done;
    }

    private static int Push(CommandContext context, HubReference name, PushFile[] files)
    {
        var options = new PushOptions
        {
            Revision = context.Require(Revision),
            Message = context.Get(Message) ?? $"Upload {name.Name}",
            IsPrivate = context.Get(Private),
            ReplacesCard = context.Get(ReplaceCard),
        };
        try
        {
            using var view = new PushView(context.Terminal, name, files.Sum(file => file.Length()));
            var result = new HubPush(HubEnvironment.Options()).RunAsync(name, files, options, view, context.Interrupted)
                .GetAwaiter().GetResult();
            view.Dispose();
            return Tell(context, name, result);
        }
        catch (HubException e) when (e.InnerException is null)
        {
            throw new InputException(e.Message, e);
        }
    }

    private static int Tell(CommandContext context, HubReference name, PushResult result)
    {
        if (context.Get(SharedOptions.Json))
        {
            context.Terminal.WriteJson(new JsonObject
            {
                ["name"] = name.Repository,
                ["address"] = result.Address.ToString(),
                ["commit"] = result.Commit,
                ["files"] = new JsonArray([.. result.Files.Select(file => new JsonObject
                {
                    ["path"] = file.Path,
                    ["bytes"] = file.Size,
                    ["state"] = file.State.ToString().ToLowerInvariant(),
                })]),
            });
            return ExitCode.Done;
        }

        if (result.Commit is null)
        {
            context.Terminal.Note("The hub has all of it already; no commit was made.");
        }

        context.Terminal.Say($"{result.Address}");
        context.Terminal.Next("Others get it", $"rebound pull {name.Repository}");
        return ExitCode.Done;
    }
}
