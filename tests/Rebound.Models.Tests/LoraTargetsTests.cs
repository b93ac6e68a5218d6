using Rebound.Models.Adapters;

namespace Rebound.Models.Tests;

public sealed class LoraTargetsTests
{
    private const string Query = "model.layers.3.self_attn.q_proj";
    private const string Down = "model.layers.12.mlp.down_proj";

    [Theory]
    [InlineData("all", true, true)]
    [InlineData("all-linear", true, true)]
    [InlineData("q_proj,v_proj", true, false)]
    [InlineData("q v", true, false)]
    [InlineData("down, gate,up", false, true)]
    [InlineData("self_attn.q_proj", true, false)]
    [InlineData("model.layers.12.mlp.down_proj", false, true)]
    [InlineData(@".*\.(q|down)_proj", true, true)]
    [InlineData(@"(q|down)_proj", false, false)]
    [InlineData(@"model\.layers\.\d\..*", true, false)]
    public void What_is_typed_covers_the_layers_that_it_names(string typed, bool query, bool down)
    {
        var targets = LoraTargets.Parse(typed);
        Assert.Equal((query, down), (targets.Covers(Query), targets.Covers(Down)));
    }

    [Theory]
    [InlineData("query", "'query' is no linear layer")]
    [InlineData("q,lm_head", "'lm_head' is no linear layer")]
    [InlineData("embed_tokens", "q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj")]
    [InlineData(" , ", "No target")]
    public void What_is_no_layer_is_named(string typed, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => LoraTargets.Parse(typed)).Message);

    [Fact]
    public void A_pattern_that_is_none_is_named() => Assert.Contains(
        "'q_(proj' is not a regular expression",
        Assert.Throws<ArgumentException>(() => LoraTargets.Parse("q_(proj").Covers(Query)).Message);

    [Fact]
    public void Excluded_layers_and_other_blocks_have_none()
    {
        Assert.False((LoraTargets.All with { ExcludedNames = ["q_proj"] }).Covers(Query));
        Assert.True((LoraTargets.All with { ExcludedNames = ["q_proj"] }).Covers(Down));
        Assert.False((LoraTargets.All with { ExcludedPattern = @".*\.mlp\..*" }).Covers(Down));
        Assert.True((LoraTargets.All with { Blocks = [12, 13] }).Covers(Down));
        Assert.False((LoraTargets.All with { Blocks = [12, 13] }).Covers(Query));
        Assert.True((LoraTargets.All with { Blocks = [3], BlocksPatterns = ["blocks", "layers"] }).Covers(Query));
        Assert.False((LoraTargets.All with { Blocks = [3], BlocksPatterns = ["blocks"] }).Covers(Query));
    }

    [Theory]
    [InlineData("q_proj", 5)]
    [InlineData("self_attn.q_proj", 5)]
    [InlineData(@"layers\.3\..*", 5)]
    [InlineData("^model.layers.3.self_attn.q_proj", 5)]
    [InlineData("_proj", 8)]
    [InlineData("layers.3", 8)]
    public void A_rank_pattern_matches_the_end_of_a_name(string pattern, int rank) => Assert.Equal(
        rank, new LoraSettings { Rank = 8, RankPattern = [KeyValuePair.Create(pattern, 5)] }.RankOf(Query));

    [Fact]
    public void The_scale_is_alpha_over_the_rank_or_its_root()
    {
        var settings = new LoraSettings { Rank = 16, Alpha = 32, RankPattern = [KeyValuePair.Create("q_proj", 4)] };
        Assert.Equal((8, 2), (settings.ScaleOf(Query), settings.ScaleOf(Down)));
        settings = settings with { RankStabilized = true };
        Assert.Equal((16, 8), (settings.ScaleOf(Query), settings.ScaleOf(Down)));
    }
}
