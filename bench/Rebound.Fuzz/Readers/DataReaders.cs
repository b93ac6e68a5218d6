using System.Text;
using Rebound.Agents.Scoring;
using Rebound.Agents.Search;
using Rebound.Agents.Solutions;
using Rebound.Agents.Tasks;
using Rebound.Fuzz.Mutation;
using Rebound.Jinja;
using Rebound.Testing;
using Rebound.Text;
using Rebound.Trajectories;
using Rebound.Trajectories.Cleaning;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Formats;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Statistics;

namespace Rebound.Fuzz.Readers;

/// <summary>Trajectories, questions, texts to be searched, solutions, prompt files and agent cards.</summary>
internal static class DataReaders
{
    private const string TemplateWithCalls =
        "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content or '' }}{% if message.tool_calls %}{{ "
            + "message.tool_calls | tojson }}{% endif %}"
        + "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    public static IReadOnlyList<FuzzReader> All { get; } =
    [
        Trajectories("trajectories", JsonMutator.Instance, "rows.json"),
        Trajectories("trajectory-lines", LineMutator.Instance, "rows.jsonl"),
        new("questions", LineMutator.Instance, _ => Workbench.Files("questions"), bench => input =>
        {
            var path = bench.Write("questions.jsonl", input);
            QuestionFile.ReadAsync(path).GetAwaiter().GetResult();
            foreach (var task in BuiltInTasks.All)
            {
                QuestionLoader.ReadAsync(path, QuestionFields.Usual, 0, -1).GetAwaiter().GetResult()
                    .Select(question => ((IScorer)task.Judge).Score(question.GroundTruth, "4")).ToList();
            }
        }),
        new("corpus", LineMutator.Instance, _ => Workbench.Files("corpus"), bench => input =>
        {
            var passages = Corpus.ReadAsync(bench.Write("corpus.jsonl", input)).ToBlockingEnumerable().ToList();
            using var index = SearchIndex.InMemory(passages);
            index.Search("Ulm water", 3);
        }),
        new("solutions", new TextMutator(["<<", ">>", "=", "#### ", "$", "\n", ".", "48/2", "1,000", "%", "-"], [("<<", ">>"), ("(", ")")]),
            _ => Workbench.Files("solutions"), bench => input =>
        {
            try
            {
                AnnotatedSolution.Parse(Encoding.UTF8.GetString(input));
            }
            catch (FormatException e)
            {
                bench.Refuse($"The solution cannot be used: {e.Message}");
            }
        }),
        new("prompt-file", JsonMutator.Instance, _ => Workbench.Files("prompt-file"), bench => input =>
        {
            var path = bench.Write("prompts.json", input);
            foreach (var name in new[] { "plain", "nat", "four" })
            {
                Ask(PromptFile.Load(path, name));
            }
        }),
        new("card", JsonMutator.Instance, _ => Workbench.Files("card"), bench => input =>
        {
            bench.Write(AgentCard.FileName, input);
            var card = AgentCard.Find(bench.Folder)!;
            Ask(card.Prompt);
            card.ToJson();
        }),
    ];

    /// <summary>Asks with a prompt under all its conditions.</summary>
    public static void Ask(PromptTemplate? prompt)
    {
        if (prompt is not null)
        {
            foreach (var condition in prompt.Conditions)
            {
                prompt.Ask("What is 2 + 2?", condition.Name);
            }

            PromptConfiguration.ToJson(prompt);
        }
    }

    /// <summary>All that is done with trajectories before they are trained on, first with the bad rows left out, then without.</summary>
    private static FuzzReader Trajectories(string name, IMutator mutator, string file) =>
        new(name, mutator, _ => Workbench.Files(name), bench =>
        {
            var tokenizer = Tokenizer.Parse(ByteTokenizer.Json());
            var template = new ChatTemplateText(TemplateWithCalls);
            var renderer = Renderers.Create(
                ChatTemplateRenderer.RendererName, tokenizer, template, ByteTokenizer.TurnStart, ByteTokenizer.TurnEnd);
            return input =>
            {
                var path = bench.Write(file, input);
                var statistics = new TrajectoryStatistics(tokenizer);
                var cleaner = new Cleaner(new CleaningOptions { Duplicates = DuplicateRule.Normalized, DropUnfinished = true });
                foreach (var trajectory in TrajectoryFile.ReadAsync(path, null, bad => bench.Refuse(bad.Message)).ToBlockingEnumerable())
                {
                    statistics.Add(trajectory);
                    cleaner.ReasonToDrop(trajectory);
                    foreach (var names in TrajectoryFormatNames.All)
                    {
                        new TrajectoryWriter(names.Format).Write(trajectory).ToJsonString();
                    }

                    Render(renderer, trajectory, bench);
                }

                foreach (var names in TrajectoryFormatNames.All)
                {
                    _ = TrajectoryFile.ReadAsync(path, names.Format, _ => { }).ToBlockingEnumerable().Count();
                }

                _ = TrajectoryFile.ReadAsync(path).ToBlockingEnumerable().Count();
            };
        });

    private static void Render(ConversationRenderer renderer, Trajectory trajectory, Workbench bench)
    {
        try
        {
            renderer.Render(Conversation.Of(trajectory));
        }
        catch (RenderingException e)
        {
            bench.Refuse(e.Message);
        }
    }
}
