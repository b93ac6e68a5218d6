using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Files.Json;
using Rebound.Hub;
using Rebound.Trajectories;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Hub;

/// <summary>Writes the page of a model on the hub: what it is, how it was trained, how it is asked, and how others use it.</summary>
internal sealed class ModelCard(PushedModel model, HubReference name, CardChoices choices)
{
    private const string Example = "Your question";

    /// <summary>Names of training methods in words.</summary>
    private static readonly Dictionary<string, string> Methods = new()
    {
        ["vanilla"] = "supervised fine-tuning on successes",
        ["nut"] = "fine-tuning on successes and failures alike (NUT)",
        ["nat"] = "Negative-Aware Training (NAT, [Wang et al. 2024](https://arxiv.org/abs/2402.11651)): failures are learned from under "
            + "a condition of their own",
    };

    private static readonly string[] LicenseKeys = ["license", "license_name", "license_link"];

    private readonly StringBuilder _text = new();

    public string Write()
    {
        _text.Clear();
        WriteMetadata();
        Line($"\n# {name.Name}\n");
        Line(Summary());
        WriteTraining();
        WriteAgent();
        WriteUse();
        return _text.ToString();
    }

    private bool IsAdapter => model.Contents.Form is ModelForm.Adapter or ModelForm.GgufAdapter;

    private bool IsGguf => model.Contents.Form is ModelForm.Gguf or ModelForm.GgufAdapter;

    private PromptTemplate? Prompt => model.Card?.Prompt;

    private void WriteMetadata()
    {
        var of = model.Base?.Metadata() ?? [];
        string[] Known(string key) => choices.License is { } license ? (key == LicenseKeys[0] ? [license] : [])
            : of[key] is JsonValue value && value.TryGetValue<string>(out var text) ? [text] : [];
        string[] tags =
        [
            "rebound",
            .. IsAdapter ? ["lora"] : Array.Empty<string>(),
            .. IsGguf ? ["gguf"] : Array.Empty<string>(),
            .. model.Card is null ? Array.Empty<string>() : ["agent"],
            .. model.Card?.Method is { } method ? [method == "nat" ? "negative-aware-training" : method] : Array.Empty<string>(),
        ];
        _text.Append(CardMetadata.Write([
            ("library_name", [model.Contents.Form switch
            {
                ModelForm.Folder => "transformers",
                ModelForm.Adapter => "peft",
                _ => "gguf",
            }], false),
            ("base_model", model.Base is { } named ? [named.Name] : [], false),
            ("base_model_relation", model.Base is null ? [] : [IsAdapter ? "adapter" : IsGguf ? "quantized" : "finetune"], false),
            ("pipeline_tag", ["text-generation"], false),
            .. LicenseKeys.Select(key => (key, (IReadOnlyList<string>)Known(key), false)),
            ("datasets", choices.Datasets, true),
            ("tags", tags, true),
        ]));
    }

    private string Summary()
    {
        var of = model.Base is { } named ? $" of [{named.Name}](https://huggingface.co/{named.Name})"
            : model.TrainedOn is null ? "" : " of a model that is not on the hub";
        var kind = model.Contents.Form switch
        {
            ModelForm.Adapter => $"A low-rank adapter (LoRA){of}",
            ModelForm.GgufAdapter => $"A low-rank adapter (LoRA){of}, as llama.cpp takes it",
            ModelForm.Gguf => $"GGUF files{of}",
            _ when model.Card is null => $"A model{of}",
            _ => $"A fine-tuned version{of}",
        };
        return model.Card is { } card
            ? $"{kind}, trained with Rebound"
                + (card.Method is { } method ? $" by {Methods.GetValueOrDefault(method, $"the method `{method}`")}" : "") + "."
            : $"{kind}.";
    }

    private void WriteTraining()
    {
        if (model.Card is not { } card)
        {
            return;
        }

        Line("\n## Training\n");
        Line("| outcome | condition | trajectories | documents | tokens | tokens in the loss |");
        Line("| --- | --- | ---: | ---: | ---: | ---: |");
        foreach (var count in card.TrainedOn)
        {
            Line($"| {Cell(count.Outcome)} | {Cell(count.Condition)} | {count.Trajectories:N0} | {count.Documents:N0} | {count.Tokens:N0} "
                + $"| {count.SupervisedTokens:N0} |");
        }

        Line($"\n{card.Steps:N0} optimizer steps, {card.Epochs:0.###} passes over the documents.{Losses()}");
        if (model.Options.Count > 0)
        {
            Line("\n| option | value |");
            Line("| --- | --- |");
            foreach (var (option, value) in model.Options)
            {
                Line($"| `{option}` | {Cell(value)} |");
            }
        }
    }

    private string Losses()
    {
        var metrics = model.LastMetrics;
        string Of(string key, string words) => metrics?[key] is JsonValue value && value.TryGetValue<double>(out var loss)
            ? $" {words} {loss:0.0000}." : "";
        return Of("loss", "Loss of the last step:") + Of("eval_loss", "Loss on documents that were held out:");
    }

    private void WriteAgent()
    {
        if (model.Card is not { } card)
        {
            return;
        }

        Line("\n## The agent\n");
        Line($"Prompts are rendered by `{card.Renderer}`, and a turn ends with `{card.StopToken}`."
            + (card.Reasoning is { } reasons ? $" It was trained {(reasons ? "to reason" : "not to reason")} before it answers." : "")
            + (card.ToolFormat is { } format ? $" It calls tools {(format == ToolFormats.Native ? "natively" : "as text (ReAct)")}." : "")
            + " `rebound.json` has all of this for programs.");
        if (card.Tools is { ValueKind: JsonValueKind.Array } tools && tools.GetArrayLength() > 0)
        {
            Line("\nIt was trained with these tools:\n");
            Fenced("json", JsonSerializer.Serialize(tools, JsonOutput.Indented));
        }

        if (Prompt is { Conditions.Count: > 0 } prompt)
        {
            Line("\nIt was trained under conditions, which a prompt words:\n");
            foreach (var condition in prompt.Conditions)
            {
                var role = condition.Name == prompt.Positive ? ", the one to ask under"
                    : condition.Name == prompt.Negative ? ", of failures" : "";
                Line($"- `{condition.Name}`{role}");
            }
        }

        if (Prompt is { } asked)
        {
            Line($"\nA question is asked so{(asked.Conditions.Count > 0 ? $" under `{asked.Positive}`" : "")}:\n");
            Fenced("json", Messages().ToJsonString(JsonOutput.Indented));
        }
    }

    private void WriteUse()
    {
        var pulled = IsGguf && model.Contents.Files.Count(IsGgufFile) is var count && count > 1
            ? $"{name.Repository}:{model.Contents.Files.First(IsGgufFile)}" : name.Repository;
        Line("\n## Use\n");
        if (model.Contents.Form == ModelForm.GgufAdapter)
        {
            Line("With llama.cpp, beside its model:\n");
            Fenced("sh", $"llama-cli -m model.gguf --lora {model.Contents.Files.First(IsGgufFile)}");
            return;
        }

        Line("With Rebound:\n");
        Fenced("sh", (IsAdapter && model.Base is { } needed ? $"rebound pull {needed.Name}\n" : "")
            + $"rebound pull {pulled}\nrebound chat {pulled}");
        switch (model.Contents.Form)
        {
            case ModelForm.Gguf:
                Line("\nWith llama.cpp:\n");
                Fenced("sh", $"llama-cli -hf {name.Repository}");
                break;
            case ModelForm.Adapter:
                WriteAdapterUse();
                break;
            default:
                WritePython("transformers", "from transformers import AutoModelForCausalLM, AutoTokenizer", "AutoModelForCausalLM");
                break;
        }
    }

    private void WriteAdapterUse()
    {
        if (model.Base is null)
        {
            Line("\nPEFT and Rebound need the model that it was trained on beside it, which is not on the hub.");
            return;
        }

        WritePython(
            "PEFT", "from peft import AutoPeftModelForCausalLM\nfrom transformers import AutoTokenizer", "AutoPeftModelForCausalLM");
    }

    private void WritePython(string library, string imports, string type)
    {
        Line($"\nWith {library}:\n");
        Fenced(
            "python",
            $"""
            {imports}

            tokenizer = AutoTokenizer.from_pretrained("{name.Repository}")
            model = {type}.from_pretrained("{name.Repository}")
            messages = [
            {PythonMessages()}
            ]
            inputs = tokenizer.apply_chat_template(
                messages, add_generation_prompt=True, return_dict=True, return_tensors="pt")
            output = model.generate(**inputs, max_new_tokens=256)
            print(tokenizer.decode(output[0, inputs["input_ids"].shape[1]:], skip_special_tokens=True))
            """);
    }

    private string PythonMessages() => string.Join('\n', Asked().Select(turn =>
        $"    {{\"role\": {PythonText(turn.Role)}, \"content\": {PythonText(turn.Content)}}},"));

    private IReadOnlyList<Turn> Asked() =>
        Prompt is { } prompt ? prompt.Ask(Example, prompt.Positive) : [new Turn(Roles.User, Example, Loss: false)];

    private JsonArray Messages() => [.. Asked().Select(turn => (JsonNode)new JsonObject
    {
        ["role"] = turn.Role,
        ["content"] = turn.Content,
    })];

    private static string PythonText(string text) => $"\"{string.Concat(text.Select(letter => letter switch
    {
        '\\' or '"' => $"\\{letter}",
        '\n' => "\\n",
        < ' ' or '\u007F' => $"\\x{(int)letter:x2}",
        _ => $"{letter}",
    }))}\"";

    private static bool IsGgufFile(string file) => file.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace('\n', ' ');

    private void Line(string line) => _text.Append(line).Append('\n');

    /// <summary>Code within marks that are longer than any that stand in it.</summary>
    private void Fenced(string language, string code)
    {
        var fence = "```";
        while (code.Contains(fence, StringComparison.Ordinal))
        {
            fence += "`";
        }

        Line($"{fence}{language}\n{code}\n{fence}");
    }
}
