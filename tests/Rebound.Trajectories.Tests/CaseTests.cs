using System.Text;
using Rebound.Files.Rows;
using Rebound.Testing;
using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Tests;

/// <summary>Rows after logs that people have, with what is right for each: read so, or a bad row that is named so.</summary>
public sealed class CaseTests
{
    private const int LongestText = 100;

    /// <summary>A line that ends with a backslash goes on in the next one.</summary>
    private static readonly string Right = """
        === data/d01_null_content.jsonl
        1 positive id 0: user 2+3? | assistant →add{"a":2,"b":3} | tool 5 | assistant It is 5.
        === data/d02_parallel.jsonl
        1 positive id 0: user 2+3 and 4+5? | assistant →add{"a":2,"b":3}→add{"a":4,"b":5} | tool 5 | tool 9 | assistant 5 and 9.
        === data/d03_system_middle.jsonl
        1 positive id 0: system S1 | user hi | assistant yo | system S2 | user bye | assistant ok
        === data/d04_empty_assistant.jsonl
        1 positive id 0: user hi | assistant  | user hello? | assistant yes
        === data/d04b_missing_content.jsonl
        1 bad messages[1].content: is missing.
        === data/d04c_null_content_no_calls.jsonl
        1 bad messages[1].content: must be a string, but is null.
        === data/d05_parts.jsonl
        1 positive id 0: user ab | assistant c
        === data/d05b_parts_input_text.jsonl
        1 positive id 0: user a | assistant c
        === data/d05c_parts_strings.jsonl
        1 positive id 0: user ab | assistant c
        === data/d05d_parts_null_fields.jsonl
        1 positive id 0: user a | assistant c
        === data/d05e_tool_dict_content.jsonl
        1 positive id 0: user 2+3? | assistant →add{"a": 2, "b": 3} | tool {"result": 5} | assistant 5
        === data/d06_sharegpt.jsonl
        1 positive id 0: system s | user 2+3? | assistant →add{"a":2,"b":3} | tool 5 | assistant 5
        === data/d06b_sharegpt_bare_tools.jsonl
        1 positive id 0: user 2+3? | assistant →add{"a":2,"b":3} | tool 5 | assistant 5
        === data/d06c_sharegpt_empty_tools.jsonl
        1 positive id 0: user hi | assistant 5
        === data/d06d_sharegpt_system_from.jsonl
        1 positive id 0: system s | user hi | assistant 5
        === data/d06e_sharegpt_messages_key.jsonl
        1 bad messages[0].role: is missing.
        === data/d06f_conv_rolecontent_no_id.jsonl
        1 positive id 0: user hi | assistant 5
        === data/d07_dpo.jsonl
        1 bad conversations: is missing, and so is 'messages': the row has no turns; it is a pair of answers; make each of the two a \
        trajectory, with 'label' true and false.
        === data/d07b_dpo_conv.jsonl
        1 bad conversations: is missing, and so is 'messages': the row has no turns; it is a pair of answers; make each of the two a \
        trajectory, with 'label' true and false.
        === data/d07c_kto.jsonl
        1 bad conversations: is missing, and so is 'messages': the row has no turns; it is a prompt with its completion; put both into \
        'messages'.
        === data/d07d_lf_kto.jsonl
        1 positive id 0: user 2+2? | assistant 4
        === data/d07e_lf_kto_tag.jsonl
        1 negative id 0: user 2+2? | assistant 4
        === data/d07f_alpaca.jsonl
        1 bad conversations: is missing, and so is 'messages': the row has no turns; it is an instruction with its output; put both into \
        'messages'.
        === data/d08_bom_crlf.jsonl
        1 positive id 0: user hi | assistant yo
        2 negative id 1: user hi2 | assistant yo2
        === data/d08b_utf16.jsonl
        1 bad : line 1 is not valid JSON: it is UTF-16, and UTF-8 is needed.
        2 bad : line 2 is not valid JSON: '0x00' is an invalid start of a value.
        === data/d08c_latin1.jsonl
        1 bad messages[0].content: it holds bytes that are not UTF-8.
        === data/d08d_midbom.jsonl
        1 positive id 0: user hi | assistant yo
        2 bad : line 2 is not valid JSON: '0xEF' is an invalid start of a value.
        === data/d08e_nul.jsonl
        1 positive id 0: user hi\u0000there | assistant yo
        === data/d08f_ls.jsonl
        1 positive id 0: user hi\u2028there\u0085x | assistant yo
        === data/d08g_trailing_nul_pad.jsonl
        1 positive id 0: user hi | assistant yo
        2 bad : line 2 is not valid JSON: '0x00' is an invalid start of a value.
        === data/d09_hugeint.jsonl
        1 positive id 0: user x | assistant →add{"a":123456789012345678901234567890,"b":1.0,"c":1e3,"d":1E-7,"e":0.1000} | tool 5 | \
        assistant 5
        === data/d09b_dupargs.jsonl
        1 positive id 0: user x | assistant →add{"a":1,"a":2} | tool 5 | assistant 5
        === data/d09c_duprow.jsonl
        1 negative id 0: user z | assistant 5
        === data/d09d_nan.jsonl
        1 bad : line 1 is not valid JSON: 'N' is an invalid start of a value.
        2 positive id 1: user x2 | assistant 5
        === data/d09e_inf.jsonl
        1 bad : line 1 is not valid JSON: 'I' is an invalid start of a value.
        2 bad reward: must be true, false or a number, but is the number 1e999.
        === data/d09f_invalid_args.jsonl
        1 negative id 0: user x | assistant →add{"a":2,"b": | tool Error: bad JSON | assistant sorry
        === data/d09g_empty_args.jsonl
        1 positive id 0: user x | assistant →add | tool 5 | assistant ok
        === data/d09h_list_args.jsonl
        1 positive id 0: user x | assistant →add[2, 3] | tool 5 | assistant ok
        2 positive id 1: user x | assistant →add[2, 3] | tool 5 | assistant ok
        === data/d09i_surrogate.jsonl
        1 bad messages[0].content: it holds half of a surrogate pair, which is no text.
        === data/d09j_surrogate_args.jsonl
        1 bad messages[1].tool_calls[0].function.arguments: is JSON text that cannot be used, line 1, 'a': it holds half of a surrogate \
        pair, which is no text.
        === data/d09k_dup_meta.jsonl
        1 positive id 0: user x | assistant 5
        === data/d09l_deep.jsonl
        1 positive id 0: user x | assistant 5
        === data/d10_tool_last.jsonl
        1 negative id 0: user x | assistant →add{"a":1,"b":2} | tool 3
        === data/d10b_toolcall_empty_list.jsonl
        1 positive id 0: user x | assistant y
        === data/d10c_assistant_assistant.jsonl
        1 positive id 0: user x | assistant one | assistant two
        === data/d10d_starts_assistant.jsonl
        1 positive id 0: assistant Hello, how may I help? | user x | assistant two
        === data/d10e_label01.jsonl
        1 positive id 0: user x | assistant one
        2 negative id 1: user x | assistant one
        3 negative id 2: user x2 | assistant one
        4 bad reward: must be true, false or a number, but is a string.
        === data/d10f_success_key.jsonl
        1 positive id 0: user x | assistant one
        2 negative id 1: user x2 | assistant one
        === data/d10g_reasoning.jsonl
        1 positive id 0: user x | assistant one
        === data/d11_pretty.json
        1 positive id 0: user hi | assistant yo
        === data/d11b_single_pretty.json
        1 positive id 0: user hi | assistant yo
        === data/d11c_bare_messages.json
        1 bad conversations: is missing, and so is 'messages': the row has no turns; it is a single message; a row is a whole \
        conversation, with its messages in a list 'messages'.
        2 bad conversations: is missing, and so is 'messages': the row has no turns; it is a single message; a row is a whole \
        conversation, with its messages in a list 'messages'.
        === data/d11d_wrapped.json
        1 bad conversations: is missing, and so is 'messages': the row has no turns; it has 'data'.
        === data/d11e_trailing_comma.json
        1 positive id 0: user hi | assistant yo
        2 end : line 2 is not valid JSON: ']' is an invalid start of a value.
        === data/d12_ids.jsonl
        1 positive id 12345678901234567890123: user x | assistant one
        2 negative id row 2: user x | assistant two
        3 negative id 1.5: user x | assistant three
        4 negative id : user x | assistant three
        === data/training/fin.jsonl
        1 positive id 0: user a | assistant →add{} | tool 3 | assistant It is 3.
        2 positive id 1: user b | assistant →add{} | tool 3
        3 positive id 2: user c | assistant →finish{"answer":"3"}
        4 positive id 3: user d | assistant →finish{"answer":"3"} | tool done
        5 positive id 4: user e | assistant It is 3. | user thanks!
        6 positive id 5: user f | assistant
        7 positive id 6: user g | assistant
        8 negative id 7: user h | assistant Thought: x\nAction: calculate\nAction Input: 2+2
        9 positive id 8: user i | assistant Final Answer: 3
        10 positive id 9: user j | assistant Action: Finish[3]
        11 negative id 10: user k | assistant ```\nAction: calculate[2+2]\n```
        === data/training/lt.jsonl
        1 positive id 0: user hi | assistant one two three | user … | assistant last answer
        === data/training/lt3.jsonl
        1 positive id 0: user hi | assistant one two three | user ok | assistant four five | user … | assistant last answer
        2 positive id 1: user short | assistant fine
        === hostile/data_extra_surr.jsonl
        1 bad extra: it holds half of a surrogate pair, which is no text.
        === hostile/data_info_surr.jsonl
        1 bad info.gt: it holds half of a surrogate pair, which is no text.
        === hostile/data_show_fault.jsonl
        1 positive id 0: system s | user hi | assistant →f{"a":1} | tool r | assistant end
        === hostile/data_tools_key.jsonl
        1 bad tools[0]: it holds half of a surrogate pair, which is no text.
        """.Replace("\\\n", "", StringComparison.Ordinal);

    private static readonly Dictionary<string, string> RightByFile = Right.Split("=== ", StringSplitOptions.RemoveEmptyEntries)
        .Select(section => section.TrimEnd('\n').Split('\n', 2)).ToDictionary(parts => parts[0], parts => parts[1]);

    public static TheoryData<string> Files => [.. RightByFile.Keys];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Every_row_is_read_as_it_should_be(string file) =>
        Assert.Equal(RightByFile[file], await DescribeAsync(SharedData.Path($"cases/{file}")));

    [Fact]
    public void No_case_is_forgotten()
    {
        var folder = SharedData.Path("cases");
        var all = new[] { ("data", "*"), ("data/training", "*"), ("hostile", "data_*") }
            .SelectMany(place => Directory.GetFiles(Path.Combine(folder, place.Item1), place.Item2))
            .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'));
        Assert.Equal(all.Order(StringComparer.Ordinal), RightByFile.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_folder_of_an_agents_logs_tells_successes_and_failures()
    {
        var outcomes = new List<string>();
        foreach (var file in DataFiles.Of(SharedData.Path("cases/data/own_logs")))
        {
            outcomes.AddRange((await TrajectoryRows.ReadAsync(file)).Select(trajectory => trajectory.Outcome.Name));
        }

        Assert.Equal((16, 9), (outcomes.Count(name => name == Outcome.Positive), outcomes.Count(name => name == Outcome.Negative)));
        Assert.Equal(25, outcomes.Count);
    }

    private static async Task<string> DescribeAsync(string file)
    {
        var lines = new List<string>();
        try
        {
            await foreach (var trajectory in TrajectoryFile.ReadAsync(
                file, onBadRow: Bad, cancellation: TestContext.Current.CancellationToken))
            {
                lines.Add(
                    $"{trajectory.Row} {trajectory.Outcome.Name} id {trajectory.Id}: "
                        + $"{string.Join(" | ", trajectory.Turns.Select(Describe)).TrimEnd()}");
            }
        }
        catch (DataException e)
        {
            lines.Add($"{e.Row} end {e.Field}: {e.Problem}");
        }

        return string.Join('\n', lines);

        void Bad(DataException bad) => lines.Add($"{bad.Row} bad {bad.Field}: {bad.Problem}");
    }

    private static string Describe(Turn turn)
    {
        var text = new StringBuilder(turn.Role + " ");
        foreach (var character in turn.Content.Length > LongestText ? "…" : turn.Content)
        {
            text.Append(
                character == '\n' ? "\\n" : char.IsControl(character) || character == '\u2028' ? $"\\u{(int)character:x4}" : character);
        }

        return text.Append(string.Concat(turn.ToolCalls.Select(call => $"→{call.Name}{call.Arguments}"))).ToString();
    }
}
