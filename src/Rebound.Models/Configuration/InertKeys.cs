namespace Rebound.Models.Configuration;

/// <summary>Keys of Hugging Face configurations that do not change what a model of this family computes.</summary>
internal static class InertKeys
{
    /// <summary>Inert with whatever value.</summary>
    public static readonly string[] Always =
    [
        // Where the file comes from and how Python should hold or run it.
        "_name_or_path", "name_or_path", "_commit_hash", "transformers_version", "torch_dtype", "dtype", "use_cache",
        "_attn_implementation", "_attn_implementation_autoset", "attn_implementation", "torchscript", "use_bfloat16",
        "return_dict", "use_return_dict", "output_attentions", "output_hidden_states", "gradient_checkpointing",
        "is_llama_config", "transformers.js_config", "unsloth_version", "unsloth_fixed", "tokenizer_class", "prefix",
        "is_decoder", "chunk_size_feed_forward",

        // Into how many parts matrices were split while they were trained; their product is the same.
        "pretraining_tp",

        // Heads for other tasks than language modelling.
        "id2label", "label2id", "num_labels", "problem_type", "finetuning_task", "task_specific_params",

        // Token ids that only other families use.
        "sep_token_id", "decoder_start_token_id", "cross_attention_hidden_size", "cls_token_id", "mask_token_id", "unk_token_id",

        // Generation defaults that old files carry; the generator's options say them here.
        "max_length", "min_length", "do_sample", "early_stopping", "num_beams", "num_beam_groups", "diversity_penalty",
        "temperature", "top_k", "top_p", "typical_p", "repetition_penalty", "length_penalty", "no_repeat_ngram_size",
        "encoder_no_repeat_ngram_size", "bad_words_ids", "num_return_sequences", "output_scores",
        "return_dict_in_generate", "forced_bos_token_id", "forced_eos_token_id", "remove_invalid_values",
        "exponential_decay_length_penalty", "suppress_tokens", "begin_suppress_tokens", "max_sequence_length",
    ];

    /// <summary>Inert with one value, JSON text; any other changes the computation.</summary>
    public static readonly (string Key, string Value, string Because)[] OnlyAs =
    [
        ("attention_dropout", "0", "as training applies no dropout"),
        ("hidden_dropout", "0", "as training applies no dropout"),
        ("resid_pdrop", "0", "as training applies no dropout"),
        ("embd_pdrop", "0", "as training applies no dropout"),
        ("partial_rotary_factor", "1", "as whole heads are rotated"),
        ("rope_interleaved", "false", "as rotary pairs are halves of a head"),
        ("use_mrope", "false", "as positions have one dimension"),
        ("is_encoder_decoder", "false", "as the family is decoder-only"),
        ("add_cross_attention", "false", "as the family is decoder-only"),
        ("tie_encoder_decoder", "false", "as the family is decoder-only"),
        ("pruned_heads", "{}", "as every layer has all of its heads"),
    ];
}
