using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Rebound.Files;
using Rebound.Files.Json;

namespace Rebound.Gateway.Keeping;

/// <summary>Writes a folder's conversations as trajectories, whenever something was added, and when it is told to.</summary>
internal sealed class TrajectoriesFile(ConversationStore store, string folder, TimeProvider clock)
{
    /// <summary>The file's name in the folder.</summary>
    public const string Name = "trajectories.jsonl";

    /// <summary>Writing takes at most one part in so many of the time.</summary>
    private const int Rarity = 20;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);

    private static readonly JsonWriterOptions Writing =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = JsonOutput.OneLine.MaxDepth };

    /// <summary>Writes again and again until it is cancelled; the last time is the caller's.</summary>
    /// <param name="note">Is told where the disk refuses; null for nobody.</param>
    public async Task KeepWritingAsync(Action<string>? note, CancellationToken stop)
    {
        var pause = ShortestPause;
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(pause, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested || !store.HasChanged)
            {
                continue;
            }

            var start = clock.GetTimestamp();
            try
            {
                Write();
            }
            catch (IOException e)
            {
                note?.Invoke($"{Name} could not be written: {e.Message.TrimEnd('.')}. The journal has all that it lacks.");
            }

            var taken = Rarity * clock.GetElapsedTime(start);
            pause = taken > ShortestPause ? taken : ShortestPause;
        }
    }

    /// <returns>Counts of what was written.</returns>
    /// <exception cref="IOException">The disk refuses; the file that was there stays.</exception>
    public KeptCounts Write()
    {
        var conversations = store.Longest();
        store.Flush();
        WholeFile.Write(Path.Combine(folder, Name), stream =>
        {
            using var writer = new Utf8JsonWriter(stream, Writing);
            foreach (var conversation in conversations)
            {
                Write(writer, conversation);
                writer.Flush();
                stream.WriteByte((byte)'\n');
                writer.Reset();
            }
        });
        var without = new OrderedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var why in conversations.Select(conversation => conversation.Verdict.Why).OfType<string>())
        {
            without[why] = without.GetValueOrDefault(why) + 1;
        }

        return new KeptCounts(
            conversations.Count(conversation => conversation.Verdict.Reward > 0),
            conversations.Count(conversation => conversation.Verdict.Reward <= 0), without);
    }

    private void Write(Utf8JsonWriter writer, KeptConversation conversation)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("messages");
        foreach (var place in conversation.Messages)
        {
            store.Read(place).WriteTo(writer);
        }

        writer.WriteEndArray();
        if (conversation.Tools is { } tools)
        {
            writer.WritePropertyName("tools");
            store.Read(tools).WriteTo(writer);
        }

        var answer = conversation.Answer;
        WriteText(writer, "conversation_id", answer.Conversation);
        WriteText(writer, "response_id", answer.Response);
        WriteText(writer, "model", answer.Model);
        WriteText(writer, "finish_reason", answer.Finish);
        WriteText(
            writer, "answered_at",
            DateTimeOffset.FromUnixTimeSeconds(answer.Time).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        if (conversation.Verdict.Reward is { } reward)
        {
            writer.WriteStartObject("info");
            writer.WriteNumber("reward", reward);
            WriteText(writer, "explanation", conversation.Verdict.Explanation);
            WriteText(writer, "cause", conversation.Cause);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, string name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }
}
